"""Make the golden of Basic Pitch's front end with the ONNX graph in the wheel of basic-pitch 0.4.0.

The package needs TensorFlow; its graph needs only onnxruntime. Download and unpack the wheel, and run:

    pip download --no-deps basic-pitch==0.4.0 && unzip basic_pitch-0.4.0-*.whl -d basic_pitch_wheel
    python -m tests.oracles.make_basic_pitch_golden basic_pitch_wheel

``goldens/basic_pitch.npz`` contains every ninth frame of what the network sees of the clip.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from tests.oracles.basic_pitch_clip import STEP, clip


def main(folder: Path) -> None:
    model = onnx.load(folder / "basic_pitch" / "saved_models" / "icassp_2022" / "nmp.onnx")
    made = [name for node in model.graph.node for name in node.output]
    stacked = next(name for name in made if name.endswith("harmonic-stacking-diff/strided_slice_7"))
    model.graph.output.append(onnx.helper.make_empty_tensor_value_info(stacked))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    result = session.run([stacked], {session.get_inputs()[0].name: clip()[None, :, None]})[0]
    path = Path(__file__).parent / "goldens" / "basic_pitch.npz"
    np.savez_compressed(path, frames=result[0, ::STEP])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
