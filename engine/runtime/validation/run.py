"""``validate``: shares out labelled pictures, collects what came of them, and reports."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import ValidationError
from engine.ir.graph import Graph
from engine.program.artifact import Artifact
from engine.runtime.validation.cluster import run_cluster
from engine.runtime.validation.folder import LabelledFolder, LabelledPicture, Skipped
from engine.runtime.validation.layers import layer_errors
from engine.runtime.validation.measure import Job, Outcome, Result, Task, make_job, run_here
from engine.runtime.validation.processes import run_processes
from engine.runtime.validation.report import ValidationReport

LAYER_PICTURES = 8  # enough for a steady order of the layers: each brings thousands of values per tensor

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class ValidateOptions:
    """How to measure: ``workers`` processes of this machine, or those of the Dask cluster at ``scheduler``."""

    kernels: str = "auto"
    threads: int = 1
    cache_dir: Path | None = None
    workers: int = 1
    scheduler: str | None = None

    @property
    def where(self) -> str:
        """Say who measures."""
        if self.scheduler is not None:
            return f"the cluster at {self.scheduler}"
        return "one process" if self.workers == 1 else f"{self.workers} processes"


def validate(
    graph: Graph,
    artifact: Artifact,
    found: LabelledFolder,
    options: ValidateOptions | None = None,
    progress: Progress | None = None,
) -> ValidationReport:
    """Compare ``artifact`` with the float ``graph`` over the pictures ``found`` in a folder.

    Pictures that cannot be read, labelled or measured are listed and left out of every figure.

    Raises:
        EngineError: no picture could be measured, or the networks cannot be opened.
    """
    options = options or ValidateOptions()
    tell = progress or (lambda stage, fraction: None)
    job = make_job(graph, artifact, options.kernels, options.threads)
    tasks = _tasks(found.pictures)
    start_ns = time.perf_counter_ns()
    results: dict[str, Result] = {}
    for result in _results(job, tasks, options):
        results[result.file] = result
        tell("pictures", len(results) / len(tasks))
    wall_ns = time.perf_counter_ns() - start_ns
    in_order = [results[picture.file] for picture in found.pictures]
    outcomes = tuple(result for result in in_order if isinstance(result, Outcome))
    skipped = tuple(result for result in in_order if isinstance(result, Skipped))
    if not outcomes:
        raise ValidationError(
            f"{found.folder}: none of its {len(tasks)} labelled pictures could be measured; "
            f"{skipped[0].file}: {skipped[0].reason}"
        )
    sampled = [outcome.layers for outcome in outcomes if outcome.layers]
    note = found.one_class_note()
    return ValidationReport(
        artifact=artifact,
        folder=found.folder,
        classes=found.classes,
        where=options.where,
        outcomes=outcomes,
        skipped=found.skipped + skipped,
        layers=layer_errors(artifact, sampled),
        layer_images=len(sampled),
        notes=() if note is None else (note,),
        wall_ns=wall_ns,
    )


def _tasks(pictures: Sequence[LabelledPicture]) -> list[Task]:
    """Return a task for each picture; layers are measured on some of them, spread evenly."""
    count = min(LAYER_PICTURES, len(pictures))
    sample = {index * len(pictures) // count for index in range(count)}
    return [Task(picture, index in sample) for index, picture in enumerate(pictures)]


def _results(job: Job, tasks: Sequence[Task], options: ValidateOptions) -> Iterator[Result]:
    if options.scheduler is not None:
        return run_cluster(job, tasks, options.scheduler)
    if options.workers > 1:
        return run_processes(job, tasks, options.cache_dir, options.workers)
    return run_here(job, tasks, options.cache_dir)
