"""Every tolerance of the test suite, each with its reason."""

# --- constant-Q family -------------------------------------------------------------------------------
# float64 against float64, a few hundred operations deep: only round-off.
ANALYTIC_FLOAT64 = 1e-11
# The legacy builder rounds its kernels to complex64 and scales them in complex64: two units in the last place
# of the peak.
LEGACY_COMPLEX64_KERNEL = 2.5e-7
# The promise of the fft engine by default, float32, worst bin, relative to that bin: it drops little of
# each kernel, but in a band where the signal may be a hundred times louder.
BANK_DEFAULT = 1e-4
# The same with tolerance 0: round-off of FFTs of some 10 000 samples, relative to a bin of white noise. The
# constants have 48 bits, 4e-15, and the kernels' spectra are a hundred times larger than the bin.
BANK_EXACT_FLOAT32 = 2e-6
BANK_EXACT_FLOAT64 = 2e-14
# Both sides of the dot-product test, relative to the product of the norms: round-off of long sums.
ADJOINT_FLOAT32 = 1e-6
ADJOINT_FLOAT64 = 1e-13
# Numbers of size one, float32, sums of up to 16 384 terms in another order or with other blocks.
FLOAT32_ROUND_OFF = 5e-6
# Against the legacy classes, of the maximum: the promise is 1e-4.
LEGACY_CQT = 1e-4
# Cosine and sine of the phase where the magnitude is above a tenth of the mean: ten times the above.
LEGACY_PHASE = 1e-3
# One-sided spectra of the kernels leave out their negative frequencies: at 12 bins per octave the side lobes
# of the Hann window there have 7e-5 of a kernel's norm, and noise scatters.
HALF_SPECTRUM = 2e-4
# With librosa's filter lengths, rms: the promise. The difference lies at the ends of the clip, where
# librosa's resampler cuts its ringing off; away from them it is the half spectrum that librosa leaves out,
# 7e-5. The numerics page shows both by experiment.
LIBROSA_CQT_RMS = 5e-3
LIBROSA_CQT_INTERIOR_RMS = 1e-4
# Low bins widened by gamma pass more of the negative frequencies that librosa leaves out.
LIBROSA_VQT_INTERIOR_RMS = 5e-4
# White noise between silence: as LIBROSA_VQT_INTERIOR_RMS where gamma widens low bins; the measured rms is
# 2e-3 with the ear's gamma, 6e-3 with 20 Hz, 1.2e-2 with bins near the Nyquist frequency.
LIBROSA_GAMMA_NOISE_RMS = 1.5e-2
# Bins near the Nyquist frequency: librosa's resampler attenuates, and short kernels reach beyond it. 0.11
# also halves the rate where the next octave lies in the roll-off.
LIBROSA_NYQUIST_RMS = 1e-2
LIBROSA_OLD_NYQUIST_RMS = 7e-2
# Whole clips, padded with other values than zeros in every octave, after its resampler.
LIBROSA_PADDINGS_RMS = 6e-2
# Intervals of other sizes, gamma of the ear.
LIBROSA_INTERVALS_RMS = 5e-4
# Round trip in dB of a fading sweep between the lowest and the highest bin, four frames in the shortest
# filter: the direct inverse's damping of 1e-4 leaves the weakest components 45 to 80 dB down.
INVERSE_COMPLETE_SNR = 40.0
# The promise for gamma = 1e-9, of the maximum: lengths change by a few parts in 1e9.
VQT_LIMIT = 1e-6
# Octave by octave against exact kernels, white noise, zero padding, rms: low-pass transitions and whole
# lengths at every rate; measured 1e-2 for nnAudio.
OCTAVES_RMS = 2e-2

# --- deploy ------------------------------------------------------------------------------------------
# The error of a 440 Hz tone of amplitude 0.5 in Vorbis and MP3 at their default quality is 0.002 to 0.003
# rms; one sample of delay would make it 0.044.
LOSSY_TONE_RMS = 0.01
# soxr at its best quality, away from the ends of the clip, by frequency relative to the lower rate (7e-6 and
# 8e-4 measured), and what is left of a tone above the new Nyquist frequency (2e-8).
RESAMPLED_TONE = {0.01: 1e-6, 0.25: 1e-5, 0.45: 1e-3}
RESAMPLED_ALIAS = 1e-7
# A float32 STFT or iSTFT with power-of-two frames, ours against torch's FFT: a dozen roundings of 6e-8 each,
# relative to the maximum.
PEER_FFT_FLOAT32 = 2e-6
# Mel bands sum up to hundreds of squared bins, in another order than the peer; decibels of MFCC magnify the
# error of quiet bands, but are divided by a larger maximum.
PEER_MEL_FLOAT32 = 5e-6
PEER_MFCC_FLOAT32 = 2e-5
# The same file of TorchScript in two processes may fuse or thread its sums differently: a few roundings.
SCRIPTED_FLOAT32 = 1e-6
# Griffin-Lim feeds roundings back 32 times, through phases that are loose where the magnitude is small.
SCRIPTED_GRIFFIN_LIM = 1e-2
# A C++ program with libtorch, of the maximum: the promise; the same kernels give 1e-7.
HOST_CPP = 1e-5
# Other runtimes' convolutions against our FFTs, of the maximum: the promise; float32 sums give 1e-6.
HOST_ONNX = 1e-4
# Thirty steps of Adam in one process and in two: its quotients magnify round-off where gradients are small.
HOST_DDP = 2e-4

# --- CFP, all relative to the maximum ------------------------------------------------------------------
# float64 against direct sums of 400 terms; a root magnifies round-off of 1e-16 in the values near zero.
CFP_DIRECT_FLOAT64 = 1e-10
# A logarithm cut off at 1e-8 magnifies round-off near zero by 1e8, twice over in three layers.
CFP_DIRECT_LOGARITHM = 1e-7
# float64 against goldens that are stored in float32: a rounding of 6e-8.
CFP_GOLDEN_SAME_CONSTANTS = 1e-7
# The requirement for float32: roots magnify its round-off near zero to some 1e-5, as in the legacy class.
CFP_GOLDEN_FLOAT32 = 1e-4
# float32 against itself with products of other shapes: as above, but from the same spectra.
CFP_CHUNKED_FLOAT32 = 2e-5
# The same in float64, 3e-12 measured.
CFP_STREAM_FLOAT64 = 1e-11
# Gradients in float32, in chunks or not: slopes of the roots next to zero are large; 4e-3 measured.
CFP_SLOPES_FLOAT32 = 1e-2

# --- Fourier transforms, all relative to the maximum ---------------------------------------------------
# float64 FFT or interpolated FFT (error 1e-13 by design) against direct sums.
STFT_DIRECT_FLOAT64 = 1e-12
# Kernels of the real engine are kept in torch's default dtype, float32: rounding of 6e-8, added at random.
STFT_REAL_KERNELS = 1e-6
# float32 throughout: a few roundings of 6e-8 against a sum over the frame.
STFT_FLOAT32 = 2e-6
# The promise for inverse(forward(x)), of the peak.
ROUND_TRIP_FLOAT32 = 1e-5
ROUND_TRIP_FLOAT64 = 1e-12
# Legacy classes sum float32 products over 2048 taps in convolutions: their round-off, not ours.
LEGACY_STFT = 1e-5
# Mel and gammatone bands against a dense float64 product: float32 sums over up to 1025 bins.
BANDS_FLOAT32 = 2e-6
BANDS_FLOAT64 = 1e-12
# MFCC in float32: decibels of bands 80 dB below the maximum magnify round-off.
MFCC_FLOAT32 = 2e-5
# A batch and its items: the same operations, at most in other blocks.
BATCH = 1e-6
# Spectra of frames, then the kernels' spectra, octave by octave: each within 1.1e-6 of float64.
BATCH_CQT2010 = 2e-6
# Correcting steps of inverses, in float32: no waveform has the coefficients, and each step magnifies the
# round-off of what is left of them; 3e-6 measured.
BATCH_CORRECTED = 5e-6
# Gradients of a batch against the mean of those of its items, in float64: 6e-15 measured.
AVERAGED_GRADIENTS_FLOAT64 = 1e-13
# Logarithms of quiet cells, in float32, of the loudest; 2e-6 measured.
BATCH_STACKED_CQT = 1e-5
# Scripted, exported and compiled code runs the same kernels, at most fused.
SAME_CODE = 1e-6
# One transform by two engines: float32 round-off of different sums. Iterations and logarithms magnify it.
ENGINES = 1e-5
# bfloat16 and float16 results are float32 results that are rounded once to 8 and 11 bits.
ROUND_BFLOAT16 = 2.0**-8
ROUND_FLOAT16 = 2.0**-11

# --- features of spectrograms ----------------------------------------------------------------------------
# Decibels between -100 and 100: round-off of a logarithm, 100 dB times 1e-7 in float32.
DECIBELS_FLOAT64 = 1e-11
DECIBELS_FLOAT32 = 5e-5
# Derivatives of numbers of size one, against SciPy's filter and polynomials; sums of up to 4095 weights.
DELTAS_FLOAT64 = 1e-12
# Weights and chroma in float64: a bell of a logarithm, which magnifies round-off by a hundred.
CHROMA_FLOAT64 = 1e-13
# Of white noise at 1e-9 of full scale, the chroma that have a norm: the offset of the norm keeps them small.
CHROMA_QUIET = 1e-4
# InverseMel by two engines, of the maximum: its overlap-add divides by small sums of windows at ends that are
# not padded, and Griffin-Lim feeds roundings back; 3e-5 measured.
INVERSE_MEL_ENGINES = 1e-4
# InverseMel: bands of its spectrogram after least squares (1e-4 measured), those of its waveform, whose
# phases Griffin-Lim fits (4e-2), and residuals of bands that no spectrogram has, over the least possible.
INVERSE_MEL_BANDS = 3e-4
INVERSE_MEL_WAVEFORM = 6e-2
INVERSE_MEL_OPTIMUM = 1.5
# Numbers of size one; 48 bits of the constants, 4e-15, to the powers of the curve.
PCEN_FLOAT64 = 1e-12

# --- front ends of known models, logarithms and what follows ---------------------------------------------
# Half of all cells: float32 in the original and here, bands within 60 dB of the strongest of their frame.
FRONT_END_MEDIAN = 5e-5
# The worst cell: a band 100 dB below others of its frame, or one bin that happens to be nearly zero.
FRONT_END_QUIET_BANDS = 5e-3
# Decibels of a clip, scaled to a range of 2.5, in two implementations in float32: half of all cells, and the
# worst one. It lies 100 dB below others; float32 and float64 differ by 9e-4 there.
BASIC_PITCH_MEDIAN, BASIC_PITCH = 1e-6, 9e-4
BASIC_PITCH_FLOAT64 = 1e-10
# Two levels of one clip: a floor of 1e-10, relative to the power of its least cell, in a logarithm.
BASIC_PITCH_LEVELS = 1e-6
# float32 against float64: the round-off of the least cell of a clip moves all others, most in a clip with an
# offset (3.4e-3). The worst cell is a quiet one.
BASIC_PITCH_LEAST_CELL, BASIC_PITCH_QUIET_CELL = 5e-3, 1e-2
# Outputs of networks whose inputs differ by the round-off of decibels and logarithms, 1e-5.
MODEL_OUTPUT = 1e-4

# --- bench -------------------------------------------------------------------------------------------
# A peer and we compute the same transform in float32: the largest seen is torchaudio's mel, 3e-6; another
# padding, norm or filter makes 1e-2 and more.
BENCH_SAME_TRANSFORM = 1e-5
# specux adds 1e-10 to the power before the logarithm, where the others clamp: up to 3 dB in cells at the
# floor, which a clip with a quiet passage has, and another gradient there.
BENCH_ADDED_FLOOR = 0.5
# Memory that a fresh process loads and allocates at its first large call, besides the tensors of the call.
BENCH_MEMORY_MB = 12.0

# --- inverses ----------------------------------------------------------------------------------------
# Two inner products of some ten thousand terms each, relative to the norms: about the square root of that
# many roundings, and the adjoint's own.
DOT_PRODUCT_FLOAT32 = 1e-5
DOT_PRODUCT_FLOAT64 = 1e-12
# The bank of the inverses drops 1e-6 of the norm of each kernel.
INVERSE_ENGINE_FLOAT64 = 2e-6
# A batch goes through other chunks and other matrix products than its items: float64 round-off, which the
# direct inverse magnifies by up to 2 / sqrt(damping) = 200 and 32 steps of conjugate gradients by more.
INVERSE_BATCH_FLOAT64 = 1e-9
# Coefficients that no waveform has, in float32 against float64: round-off, magnified likewise.
INVERSE_FLOAT32 = 2e-4
# Signal over error in dB, float64, some decibels below the least measured. A clip of a few frames, its ends
# included: after the direct solution alone, and after 2, 8 (float32, of 144 dB) and 12 to 40 steps.
INVERSE_ENDS_SNR = 40.0
INVERSE_TWO_STEPS_SNR = 95.0
INVERSE_FLOAT32_SNR = 135.0
INVERSE_MANY_STEPS_SNR = 120.0
# The same of constant Q, whose bins leave the outermost frequencies to the damping of 1e-4.
INVERSE_CONSTANT_Q_SNR = 75.0
# The direct solution away from the ends, by half the longest kernel.
INVERSE_INSIDE_SNR = 85.0
# The direct solution of periodic clips, of whole hops and of half a hop more, which shifts the frames.
INVERSE_PERIODIC_SNR = {400: 115.0, 402: 72.0}
# STFTs on other frequencies: evenly spaced ones are complete, logarithmic ones leave gaps at the top.
INVERSE_EVEN_SNR = 72.0
INVERSE_LOGARITHMIC_SNR = 50.0
# Griffin-Lim with the block inverse, three steps: its analysis drops 1e-6 of the kernels, and steps magnify
# that where the magnitude is small.
GRIFFIN_LIM_CQT = 1e-4

# --- Gabor frames, relative L2 ------------------------------------------------------------------------
# The promise for inverse(forward(x)): two FFTs there and two back, a few roundings each.
GABOR_ROUND_TRIP_FLOAT32 = 5e-7
GABOR_ROUND_TRIP_FLOAT64 = 5e-15
# The real engine's matrix products sum in longer chains than an FFT; a clip of one sample averages no error.
GABOR_ROUND_TRIP_REAL_FLOAT32 = 1e-6
# float64 against direct sums over some thousand samples, whose angles have errors of 1e-13.
GABOR_DIRECT_FLOAT64 = 1e-12
# cicuetea turns its coefficients by angles of up to 1e5 radians, whose round-off is 1e-11.
GABOR_CICUETEA = 1e-11
# float32 against the same: two FFTs. The windows are rounded from float64.
GABOR_DIRECT_FLOAT32 = 1e-6
# Energy of the coefficients over that of the clip, less 1: sums of up to a million squares.
GABOR_ENERGY_FLOAT64 = 1e-13
# Edits of coefficients in dB: what a shift by bins leaves beside the new partials, how much it changes the
# energy; what a band leaves of tones beyond its edges. Round-off, and the sides of a Hann window.
GABOR_SHIFT_LEFT_DB = -100.0
GABOR_SHIFT_ENERGY_DB = 0.01
GABOR_BAND_LEFT_DB = -140.0
# A median over time takes tones for lasting and clicks not: loss of a tone, what is left of clicks; -17 dB
# measured.
GABOR_TONE_KEPT_DB = -0.1
GABOR_CLICKS_LEFT_DB = -15.0

# --- numerics page, where it states more than the tests of a transform ---------------------------------
# The peak of a low gammatone filter is a quotient of two numbers near zero, here and in the oracle.
GAMMATONE_DIRECT_FLOAT64 = 1e-9
# Other filter lengths and bandwidths than librosa's: 3 to 4 % (rms) in every signal.
LIBROSA_OTHER_LENGTHS_RMS = 6e-2
# With librosa's lengths, a clip that begins or ends loudly: librosa's resampler cuts its ringing off there.
LIBROSA_ENDS_RMS = 3e-2
# As LIBROSA_VQT_INTERIOR_RMS, in noise, which fills the low bins that gamma widens.
LIBROSA_VQT_RMS = 2e-3
# Signal over error, dB, whole clips in float32: as in test_icqt.py for the same signals, and some decibels
# less than measured for the others.
RECOVERED_DB = {
    "iCQT, 440 Hz, 1 s at 44.1 kHz, hop 512": 42.0,
    "iCQT, chirp 100 - 800 Hz, hop 512": 24.0,
    "iCQT, chirp 100 - 3000 Hz, hop 64": 33.0,
    "iVQT, chirp 100 - 3000 Hz, hop 64, gamma 10": 28.0,
    "Inverse, chirp 100 - 3000 Hz, STFT on 300 logarithmic bins": 30.0,
    "GriffinLim, trumpet, magnitudes after 32 steps": 20.0,
}
# The direct inverse by the block inverse and by the inverse kernels, of the maximum: both drop 1e-6 of the
# norm of each kernel of the bank or of the inverse.
INVERSE_ENGINES = 1e-5

# --- compat ------------------------------------------------------------------------------------------
# The promise against nnAudio 0.3.4, of the maximum, every class and argument.
LEGACY_NUMBERS = 1e-4
# A module's own kernels against the legacy module with the same ones: the same float32 sums, of the maximum.
LEGACY_KERNELS = 1e-5
# Griffin-Lim with a window that differs by one rounding: its 32 steps magnify that to 1e-5.
LEGACY_GRIFFIN_LIM = 1e-4
# Helpers: float64 formulas against float64 ones, some of them rounded to float32 on the way, of the maximum.
LEGACY_HELPERS = 1e-6

# --- streams -----------------------------------------------------------------------------------------
# A stream runs the operations of the whole clip on other blocks: float32 and float64 round-off.
STREAM_FLOAT32 = 1e-6
STREAM_FLOAT64 = 1e-12
# The fft engine of the constant-Q family drops up to a twentieth of its tolerance (2e-7) in float64, at
# another place of the kernel for each place of the frame in its block.
STREAM_BAND_FLOAT64 = 1e-8
# The block inverse lets its kernels leak past their ends, where its blocks differ: about what the transform's
# own bank drops. With engine="real" the kernels end.
STREAM_BLOCK_INVERSE = 1e-5
# A stream saved as TorchScript or by torch.export against the transform of the whole clip: the promise.
STREAM_ARTIFACT = 1e-5
# A recording that Chromium plays as a microphone, of the maximum: its resampler filters, by some percent.
CHROMIUM_MICROPHONE = 0.1
# Pitch of an estimator on a stream's frames against that on its own offline ones, in semitones: a cent.
PITCH = 0.01
