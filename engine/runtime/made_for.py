"""Whether an artifact folder, which is run as it is, was compiled with what people ask for."""

from engine.errors import ArtifactError
from engine.importers.options import ImportOptions
from engine.program.artifact import Artifact
from engine.soc import load_soc

_OTHER = (
    "{model}: is compiled for {name} {found}, not {wanted}; choose {found}, or compile the model file again"
)
_BARE = (
    "{model}: an artifact folder says itself how pictures are prepared and classes called; --mean, --scale, --size, "
    "--resize, --layout, --labels and --random-weights are for model files"
)
TEMPLATES = (_OTHER, _BARE)


class OtherwiseError(ArtifactError):
    """An artifact folder is asked for what it is not: ``template``, of ``TEMPLATES``, says so in any language with ``places``."""

    def __init__(self, template: str, **places: str) -> None:
        super().__init__(template.format(**places))
        self.template = template
        self.places = places


def refuse_other(
    model: str,
    artifact: Artifact,
    *,
    soc: str | None = None,
    recipe: str | None = None,
    cores: int | None = None,
    clock_mhz: float | None = None,
    bare: ImportOptions | None = None,
) -> None:
    """Refuse the artifact folder ``model``, read as ``artifact``, if people ask for anything else; None is not asked for.

    Raises:
        OtherwiseError: they do, or they say of it what only model files leave open.
        SocError: the SoC asked for is unknown.
    """
    for name, wanted, found in (
        ("soc", soc and load_soc(soc).name, artifact.soc),
        ("recipe", recipe, artifact.recipe),
        ("cores", cores, artifact.cores),
        ("clock", clock_mhz, artifact.clock_hz / 1e6),
    ):
        if wanted is not None and wanted != found:
            raise OtherwiseError(_OTHER, model=model, name=name, found=_text(found), wanted=_text(wanted))
    if bare is not None and bare != ImportOptions():
        raise OtherwiseError(_BARE, model=model)


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"
