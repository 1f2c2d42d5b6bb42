import RecurModel

/// The operators of aten that code of TorchScript calls, with their parameters in order
/// (aten/src/ATen/native/native_functions.yaml, torch 2.13).
enum ScriptSchemas {
  /// The parameters of an operator; nil for one that is not known.
  static func parameters(_ name: String) -> [String]? { byName[name] }

  private static let byName: [String: [String]] = {
    var result: [String: [String]] = [:]
    for line in lines {
      let parts = line.split(separator: "(", maxSplits: 1)
      let parameters = parts[1].dropLast().split(separator: ",").map { part in
        String(part.filter { $0 != " " })
      }
      for name in parts[0].split(separator: " ") { result[String(name)] = parameters }
    }
    return result
  }()

  /// Operators of equal parameters stand in one line.
  private static let lines = [
    "abs tanh sigmoid relu relu6 selu silu mish hardswish hardsigmoid exp log log1p log2 sqrt rsqrt sin cos neg(self)",
    "reciprocal square floor ceil round erf expm1 logical_not bitwise_not isnan log_sigmoid(self)",
    "t numel sign trunc frac tanhshrink softsign(self)",
    "contiguous clone(self, memory_format)", "detach alias lift_fresh_copy cpu(self)",
    "add sub rsub(self, other, alpha)", "mul true_divide floor_divide maximum minimum(self, other)",
    "eq ne lt le gt ge remainder fmod atan2 logical_and logical_or logical_xor(self, other)",
    "__and__ __or__ bitwise_and bitwise_or(self, other)", "div(self, other, rounding_mode)",
    "pow(self, exponent)", "where(condition, self, other)", "masked_fill(self, mask, value)",
    "clamp(self, min, max)", "clamp_min(self, min)", "clamp_max(self, max)",
    "hardtanh(self, min_val, max_val)", "leaky_relu(self, negative_slope)",
    "elu(self, alpha, scale, input_scale)", "celu(self, alpha)", "gelu(self, approximate)",
    "softplus(self, beta, threshold)", "hardshrink softshrink(self, lambd)", "prelu(self, weight)",
    "threshold(self, threshold, value)", "glu(self, dim)", "softmax log_softmax(self, dim, dtype)",
    "_softmax _log_softmax(self, dim, half_to_float)", "sum mean prod(self, dim, keepdim, dtype)",
    "amax amin(self, dim, keepdim)", "argmax argmin(self, dim, keepdim)",
    "all any(self, dim, keepdim)",
    "var std(self, dim, unbiased, keepdim)", "norm(self, p, dim, keepdim, dtype)",
    "linalg_vector_norm(self, ord, dim, keepdim, dtype)", "cumsum(self, dim, dtype)",
    "linear(input, weight, bias)", "matmul(self, other)", "mm bmm(self, mat2)",
    "addmm(self, mat1, mat2, beta, alpha)", "baddbmm(self, batch1, batch2, beta, alpha)",
    "einsum(equation, tensors, path)", "addcmul(self, tensor1, tensor2, value)",
    "lerp(self, end, weight)",
    "scaled_dot_product_attention(query, key, value, attn_mask, dropout_p, is_causal, scale)",
    "embedding(weight, indices, padding_idx, scale_grad_by_freq, sparse)",
    "index_select(self, dim, index)", "gather(self, dim, index)", "index(self, indices)",
    "conv1d conv2d conv3d(input, weight, bias, stride, padding, dilation, groups)",
    "conv_transpose1d conv_transpose2d conv_transpose3d(input, weight, bias, stride, padding, output_padding, groups, dilation)",
    "max_pool1d max_pool2d max_pool3d(self, kernel_size, stride, padding, dilation, ceil_mode)",
    "avg_pool1d(self, kernel_size, stride, padding, ceil_mode, count_include_pad)",
    "avg_pool2d avg_pool3d(self, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)",
    "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d(self, output_size)",
    "adaptive_max_pool1d adaptive_max_pool2d(self, output_size)",
    "batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, cudnn_enabled)",
    "instance_norm(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, cudnn_enabled)",
    "layer_norm(input, normalized_shape, weight, bias, eps, cudnn_enable)",
    "group_norm(input, num_groups, weight, bias, eps, cudnn_enabled)",
    "rms_norm(input, normalized_shape, weight, eps)",
    "_weight_norm(v, g, dim)", "dropout feature_dropout alpha_dropout(input, p, train)",
    "upsample_nearest1d upsample_nearest2d upsample_nearest3d(input, output_size, scale_factors)",
    "pad(self, pad, mode, value)", "constant_pad_nd(self, pad, value)",
    "reflection_pad1d reflection_pad2d replication_pad1d replication_pad2d(self, padding)",
    "permute(self, dims)", "transpose(self, dim0, dim1)", "unsqueeze(self, dim)",
    "squeeze(self, dim)",
    "view(self, size)", "reshape(self, shape)", "view_as reshape_as expand_as(self, other)",
    "flatten(self, start_dim, end_dim)", "unflatten(self, dim, sizes)",
    "expand(self, size, implicit)",
    "repeat(self, repeats)", "flip(self, dims)", "slice(self, dim, start, end, step)",
    "narrow(self, dim, start, length)", "select(self, dim, index)", "split(self, split_size, dim)",
    "split_with_sizes(self, split_sizes, dim)", "chunk(self, chunks, dim)", "unbind(self, dim)",
    "cat(tensors, dim)", "stack(tensors, dim)", "type_as(self, other)",
    "zeros ones(size, dtype, layout, device, pin_memory)",
    "full(size, fill_value, dtype, layout, device, pin_memory)",
    "zeros_like ones_like(self, dtype, layout, device, pin_memory, memory_format)",
    "full_like(self, fill_value, dtype, layout, device, pin_memory, memory_format)",
    "new_zeros new_ones(self, size, dtype, layout, device, pin_memory)",
    "new_full(self, size, fill_value, dtype, layout, device, pin_memory)",
    "pixel_shuffle(self, upscale_factor)",
    "movedim(self, source, destination)", "roll(self, shifts, dims)", "tril triu(self, diagonal)",
    "cosine_similarity(x1, x2, dim, eps)", "repeat_interleave(self, repeats, dim)",
    "scalar_tensor(s, dtype, layout, device, pin_memory)",
  ]
}
