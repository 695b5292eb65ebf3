"""A quantized .tflite on our device and in LiteRT, on the same labelled pictures.

    python -m tests.bench.litert_accuracy MODEL.tflite --images FOLDER [--soc tda4vm am68a] [--recipe lens7 ti]

Both get the same uint8 pixels. Prints the accuracy of both, what the device wins and loses, and how often they agree. Needs
the extra `bench`.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

from engine import CompileOptions, Session, compile_model
from engine.host.pictures import read_picture
from engine.host.preprocess import preprocess
from engine.program.artifact import read_artifact
from engine.runtime.validation.folder import Classes, LabelledPicture, read_folder


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--soc", nargs="+", default=["tda4vm", "am68a"])
    parser.add_argument("--recipe", nargs="+", default=["lens7"])
    options = parser.parse_args()
    for soc in options.soc:
        for recipe in options.recipe:
            with tempfile.TemporaryDirectory() as folder:
                artifact = Path(folder, "artifact")
                compile_model(str(options.model), artifact, CompileOptions(soc=soc, recipe=recipe))
                compare(artifact, options.model, options.images, f"{soc}, recipe {recipe}")
    return 0


def compare(artifact: Path, model: Path, images: Path, title: str) -> None:
    """Print how device and LiteRT name the pictures of ``images``."""
    litert = LiteRt(model)
    read = read_artifact(artifact)
    pictures = read_folder(images, Classes(litert.classes, read.labels)).pictures
    with Session(read) as session:
        named = [(*_both(session, litert, picture), picture) for picture in pictures]
    ours = sum(device == picture.class_index for device, _, picture in named)
    theirs = sum(other == picture.class_index for _, other, picture in named)
    won = [p.file for device, other, p in named if device == p.class_index != other]
    lost = [p.file for device, other, p in named if other == p.class_index != device]
    agreed = np.mean([device == other for device, other, _ in named])
    print(
        f"{title}: {len(named)} pictures, device {ours}, LiteRT {theirs}, net loss {theirs - ours}, agreement {agreed:.1%}"
    )
    print(f"  won {won}\n  lost {lost}", flush=True)


def _both(session: Session, litert: "LiteRt", picture: LabelledPicture) -> tuple[int, int]:
    assert session.artifact.input_spec is not None
    pixels = preprocess(read_picture(picture.path), session.artifact.input_spec, session.info.input_hw)
    return int(session.run_pixels(pixels).argmax()), litert.best(pixels)


class LiteRt:
    """The file in LiteRT's interpreter."""

    def __init__(self, model: Path) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(model_path=str(model))
        self._interpreter.allocate_tensors()
        (self._entry,) = self._interpreter.get_input_details()
        (self._result,) = self._interpreter.get_output_details()
        if self._entry["dtype"] != np.uint8:
            sys.exit(
                f"{model}: its input is {self._entry['dtype'].__name__}; a model with uint8 input is needed"
            )
        self.classes = int(self._result["shape"][-1])

    def best(self, pixels: np.ndarray) -> int:
        """Return the class with the largest output, the lower one of two equal ones."""
        self._interpreter.set_tensor(self._entry["index"], pixels[None])
        self._interpreter.invoke()
        return int(self._interpreter.get_tensor(self._result["index"]).reshape(-1).argmax())


if __name__ == "__main__":
    sys.exit(main())
