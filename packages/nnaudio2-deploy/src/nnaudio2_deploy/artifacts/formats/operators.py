"""Operators of torch that a file from a stranger may call: they compute, and check what they are given.

The list has what networks are made of: creation, shapes, indexing, arithmetic, reductions, linear algebra,
spectra, the layers of ``torch.nn``, and the language of TorchScript. It leaves out operators that touch
files, print, set seeds, resize or share storage, operators for other devices and packed weights, private
ones that trust their arguments (the unsafe constructors of sparse tensors end the process), and whatever a
new torch adds.
"""

_CREATION = """
arange bartlett_window blackman_window complex empty empty_like empty_permuted eye full full_like
hamming_window hann_window kaiser_window linspace logspace new_empty new_full new_ones new_zeros ones
ones_like polar rand rand_like randint randint_like randn randn_like scalar_tensor tensor tril_indices
triu_indices zeros zeros_like
"""
_SHAPES = """
alias atleast_1d atleast_2d atleast_3d block_diag broadcast_shapes broadcast_tensors broadcast_to cat
channel_shuffle chunk clone column_stack concat concatenate contiguous detach diag diag_embed diagonal
dstack expand expand_as flatten flip fliplr flipud hsplit hstack meshgrid moveaxis movedim narrow pad
permute pixel_shuffle pixel_unshuffle ravel repeat repeat_interleave reshape reshape_as roll rot90 row_stack
select slice split split_with_sizes squeeze stack swapaxes swapdims t tensor_split tile transpose tril triu
unbind unflatten unfold unsqueeze view view_as view_as_complex view_as_real vsplit vstack constant_pad_nd
reflection_pad1d reflection_pad2d reflection_pad3d replication_pad1d replication_pad2d replication_pad3d
"""
_INDEXING = """
argwhere bucketize embedding embedding_renorm gather index index_add index_copy index_fill index_put
index_select masked_fill masked_select nonzero one_hot scatter scatter_add scatter_reduce searchsorted
select_scatter slice_scatter take take_along_dim where
"""
_ARITHMETIC = """
abs absolute acos acosh add addcdiv addcmul angle arccos arcsin arctan arctan2 asin asinh atan atan2 atanh
bitwise_and bitwise_not bitwise_or bitwise_xor ceil clamp clamp_max clamp_min clip conj _conj conj_physical
copysign cos cosh deg2rad digamma div divide eq erf erfc erfinv exp exp2 expm1 fill fix float_power floor
floor_divide fmax fmin fmod frac ge greater greater_equal gt heaviside hypot imag isclose isfinite isinf
isnan isneginf isposinf isreal ldexp le lerp less less_equal lgamma log log10 log1p log2 logaddexp
logaddexp2 logical_and logical_not logical_or logical_xor logit lt maximum minimum mul multiply mvlgamma
nan_to_num ne neg negative not_equal positive pow rad2deg real reciprocal remainder resolve_conj resolve_neg
round rsqrt rsub sgn sigmoid sign signbit sin sinc sinh sqrt square sub subtract tan tanh true_divide trunc
xlogy __and__ __or__ __xor__ special_entr
special_erf special_expit special_i0 special_log1p special_logit special_sinc
special_xlogy zero
"""
_REDUCTIONS = """
all allclose amax amin aminmax any argmax argmin argsort count_nonzero cummax cummin cumprod cumsum
cumulative_trapezoid diff equal frobenius_norm kthvalue logcumsumexp logsumexp max mean median min mode
nanmean nanmedian nansum norm prod quantile nanquantile sort std std_mean sum topk trapezoid trapz var
var_mean
"""
_LINEAR_ALGEBRA = """
addbmm addmm addmv addr baddbmm bilinear bmm cdist chain_matmul cosine_similarity cross det dist dot einsum
ger inner inverse kron linalg_cholesky linalg_cross linalg_det linalg_inv linalg_matmul linalg_matrix_norm
linalg_multi_dot linalg_norm linalg_qr linalg_solve linalg_vecdot linalg_vector_norm linear matmul mm mv
outer pairwise_distance tensordot trace vdot
"""
_SPECTRA = """
fft_fft fft_fft2 fft_fftfreq fft_fftn fft_fftshift fft_hfft fft_ifft fft_ifft2 fft_ifftn fft_ifftshift
fft_ihfft fft_irfft fft_irfft2 fft_irfftn fft_rfft fft_rfft2 fft_rfftfreq fft_rfftn istft stft
"""
_LAYERS = """
adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d
adaptive_max_pool3d affine_grid_generator alpha_dropout avg_pool1d avg_pool2d avg_pool3d batch_norm
binary_cross_entropy binary_cross_entropy_with_logits celu col2im conv1d conv2d conv3d conv_transpose1d
conv_transpose2d conv_transpose3d convolution _convolution cosine_embedding_loss cross_entropy_loss dropout
elu embedding_bag feature_alpha_dropout feature_dropout fractional_max_pool2d fractional_max_pool3d gelu glu
grid_sampler grid_sampler_2d grid_sampler_3d group_norm gru gru_cell hardshrink hardsigmoid hardswish
hardtanh hinge_embedding_loss huber_loss im2col instance_norm kl_div l1_loss layer_norm leaky_relu
log_sigmoid log_softmax lstm lstm_cell margin_ranking_loss max_pool1d max_pool1d_with_indices max_pool2d
max_pool2d_with_indices max_pool3d max_pool3d_with_indices max_unpool2d max_unpool3d mish mse_loss nll_loss
nll_loss2d nll_loss_nd poisson_nll_loss prelu relu relu6 rms_norm rnn_relu rnn_relu_cell rnn_tanh
rnn_tanh_cell rrelu scaled_dot_product_attention selu silu smooth_l1_loss soft_margin_loss softmax softplus
softshrink threshold triplet_margin_loss upsample_bicubic2d upsample_bilinear2d upsample_linear1d
upsample_nearest1d upsample_nearest2d upsample_nearest3d upsample_trilinear3d _native_multi_head_attention
_nested_tensor_from_mask _nested_tensor_from_mask_left_aligned to_padded_tensor
_transformer_encoder_layer_fwd _upsample_bicubic2d_aa _upsample_bilinear2d_aa _upsample_lanczos2d_aa
_upsample_nearest_exact1d _upsample_nearest_exact2d _upsample_nearest_exact3d _weight_norm
"""
_QUERIES = """
_assert_async _assert_scalar _assert_tensor_metadata copy dim is_autocast_enabled is_complex is_contiguous
is_floating_point is_grad_enabled is_nonzero is_same_size item lift_fresh lift_fresh_copy numel size
storage_offset stride sym_constrain_range sym_constrain_range_for_size sym_numel sym_size sym_stride to
type_as
"""
_LANGUAGE = """
Bool Complex ComplexImplicit Float FloatImplicit Int IntImplicit ScalarImplicit __contains__
__derive_index __getitem__ __is__ __isnot__ __lshift__ __not__ __range_length __rshift__
_set_item append clear degrees dict divmod endswith extend fabs floordiv format gamma get gcd index insert
items join keys len list lower modf percentFormat pop radians remove replace reverse setdefault sorted
startswith str strip unfold_backward update upper values warn
"""

_GROUPS = (
    _CREATION,
    _SHAPES,
    _INDEXING,
    _ARITHMETIC,
    _REDUCTIONS,
    _LINEAR_ALGEBRA,
    _SPECTRA,
    _LAYERS,
    _QUERIES,
)
_TENSORS = frozenset(name for group in _GROUPS for name in group.split())
_SCRIPT = _TENSORS | frozenset(_LANGUAGE.split())

TRUST = "trust=True (--trust) permits any, for files of people whom you trust"


def is_listed(name: str, language: bool = False) -> bool:
    """True for the name of an operator in torch's own namespace ``aten``, without it: ``"add"``, ``"add_"``.

    Args:
        name: of the operator; a trailing underscore means that it works in place.
        language: whether operators on TorchScript's numbers, texts and containers count.
    """
    known = _SCRIPT if language else _TENSORS
    return name in known or (name.endswith("_") and not name.endswith("__") and name[:-1] in known)
