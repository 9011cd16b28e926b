"""All kinds of streams: importing them makes them known to :class:`Stream`."""

from .frame_stream import BlockFrameStream as BlockFrameStream
from .frame_stream import FrameStream as FrameStream
from .front_end_stream import BlockFrontEndStream as BlockFrontEndStream
from .front_end_stream import FrontEndStream as FrontEndStream
from .inverse_stream import BlockInverseStream as BlockInverseStream
from .inverse_stream import InverseStream as InverseStream
from .octave_stream import OctaveStream as OctaveStream
from .partition_stream import BlockPartitionStream as BlockPartitionStream
from .partition_stream import PartitionStream as PartitionStream
from .slice_stream import BlockSliceStream as BlockSliceStream
from .slice_stream import SliceStream as SliceStream
from .slice_synthesis_stream import BlockSliceSynthesisStream as BlockSliceSynthesisStream
from .slice_synthesis_stream import SliceSynthesisStream as SliceSynthesisStream
from .stream import Stream as Stream
from .synthesis_stream import BlockSynthesisStream as BlockSynthesisStream
from .synthesis_stream import SynthesisStream as SynthesisStream
