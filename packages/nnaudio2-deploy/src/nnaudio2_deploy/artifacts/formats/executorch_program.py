"""A first run of an ExecuTorch program, with as few imports as there can be."""

from torch import Tensor


def run(payload: bytes, inputs: tuple[Tensor, ...]) -> None:
    """Load a program and call its method ``forward``; a malformed one may end the process."""
    from executorch.extension.pybindings import _C

    program = _C._load_program_from_buffer(payload, False, 0, _C.Verification.InternalConsistency)
    program.load_method("forward").call(inputs)
