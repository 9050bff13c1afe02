/// Twenty layers in the form of section 8 of the language; every form that it has.
let declarationsFixture = #"""
  # Twenty layers in the form of language.md, section 8. Counts, MACs, shapes and rejections of these rules were
  # compared with Keras 3's layers. Documentation, aliases, categories and target entries are left out here.

  ## Linear layer gated by a sigmoid of itself.
  layer GatedLinear(units: int >= 1, use_bias: bool = true) {
    category: core
    aliases: GatedDense
    input: (batch, ...leading, features)
    output: (batch, ...leading, units)
    require units % 2 == 0, "units must be even"
    weights {
      kernel: (features, 2 * units)
      bias: (2 * units) when use_bias
    }
    macs: product(leading) * features * 2 * units
    pytorch: "blocks.GatedLinear({features}, {units}, bias={use_bias})"
  }

  layer Conv2D(filters: int >= 1, kernel_size: (int >= 1, int >= 1), strides: (int >= 1, int >= 1) = 1,
                 padding: "valid" | "same" | ((int >= 0, int >= 0), (int >= 0, int >= 0)) = "valid",
                 dilation_rate: (int >= 1, int >= 1) = 1, groups: int >= 1 = 1,
                 activation: activation | none = none, use_bias: bool = true,
                 data_format: "channels_last" | "channels_first" = "channels_last") {
    if data_format == "channels_last" { input: (batch, ...size, channels) } else { input: (batch, channels, ...size) }
    require len(size) == 2, "expects (batch, height, width, channels)" as rank-mismatch
    require channels % groups == 0 and filters % groups == 0, "groups must divide channels and filters" as not-divisible
    let out = window(size, kernel_size, strides, dilation_rate, padding)
    if data_format == "channels_last" { output: (batch, ...out, filters) } else { output: (batch, filters, ...out) }
    weights {
      kernel: (...kernel_size, channels // groups, filters)
      bias: (filters) when use_bias
    }
    macs: product(out) * product(kernel_size) * (channels // groups) * filters
  }

  layer Conv2DTranspose(filters: int >= 1, kernel_size: (int >= 1, int >= 1), strides: (int >= 1, int >= 1) = 1,
                padding: "valid" | "same" | ((int >= 0, int >= 0), (int >= 0, int >= 0)) = "valid",
                output_padding: none | (int >= 0, int >= 0) = none, use_bias: bool = true) {
    input: (batch, height, width, channels)
    let out = transposed_window((height, width), kernel_size, strides, 1, padding, output_padding)
    output: (batch, ...out, filters)
    weights { kernel: (...kernel_size, filters, channels)  bias: (filters) when use_bias }
    macs: height * width * product(kernel_size) * channels * filters
  }

  layer MaxPooling2D(pool_size: (int >= 1, int >= 1) = 2, strides: (int >= 1, int >= 1) = pool_size,
               padding: "valid" | "same" | ((int >= 0, int >= 0), (int >= 0, int >= 0)) = "valid", ceil_mode: bool = false) {
    input: (batch, height, width, channels)
    output: (batch, ...window((height, width), pool_size, strides, 1, padding, ceil_mode), channels)
  }

  layer LSTM(units: int >= 1, activation: activation = "tanh", use_bias: bool = true,
               return_sequences: bool = false, return_state: bool = false) {
    input: (batch, steps, features), h (batch, units) = none, c (batch, units) = none
    let out = ((batch, steps, units) if return_sequences else (batch, units))
    if return_state { output: out, (batch, units), (batch, units) } else { output: out }
    weights { kernel: (features, 4 * units)  recurrent_kernel: (units, 4 * units)  bias: (4 * units) when use_bias }
    macs: steps * 4 * units * (features + units)
  }

  layer Bidirectional(layer: layer, merge_mode: "concat" | "sum" | "mul" | "ave" = "concat") {
    input: x (batch, steps, features)
    let f = apply("forward", layer, x)
    let b = apply("backward", layer, x)
    if merge_mode == "concat" { output: (batch, f[1], 2 * f[2]) } else { output: f }
  }

  layer TimeDistributed(layer: layer) {
    input: (batch, time, ...rest)
    let inner = apply("layer", layer, (batch,) + rest, time)
    output: (batch, time, ...inner[1:])
  }

  layer MultiHeadAttention(num_heads: int >= 1, key_dim: int >= 1 | none = none, value_dim: int >= 1 | none = none, use_bias: bool = true) {
    input: query (batch, tq, dq), value (batch, tk, dv) = query, key (batch, tk, dk) = value
    require key_dim != none or dq % num_heads == 0, "num_heads must divide the features"
    let size = (key_dim if key_dim != none else dq // num_heads)
    let vsize = (value_dim if value_dim != none else size)
    output: (batch, tq, dq)
    weights {
      query_kernel: (dq, num_heads, size)
      query_bias: (num_heads, size) when use_bias
      key_kernel: (dk, num_heads, size)
      key_bias: (num_heads, size) when use_bias
      value_kernel: (dv, num_heads, vsize)
      value_bias: (num_heads, vsize) when use_bias
      output_kernel: (num_heads, vsize, dq)
      output_bias: (dq) when use_bias
    }
    macs: num_heads * (tq * dq * size + tk * dk * size + tk * dv * vsize + tq * tk * (size + vsize) + tq * vsize * dq)
  }

  layer TransformerEncoder(num_heads: int >= 1, ff_dim: int >= 1 = 2048) {
    input: x (batch, t, d)
    require d % num_heads == 0, "num_heads must divide the features" as not-divisible
    let a = apply("self_attention", MultiHeadAttention(num_heads), x)
    let n1 = apply("norm_1", LayerNormalization(), x)
    let f1 = apply("ff_1", Dense(ff_dim), x)
    let f2 = apply("ff_2", Dense(d), f1)
    let n2 = apply("norm_2", LayerNormalization(), f2)
    output: f2
  }

  layer BatchNormalization(axis: int = -1, center: bool = true, scale: bool = true) {
    input: x (batch, ...dims)
    require axis != 0, "the batch cannot be normalized"
    output: x
    weights { gamma: (x[axis]) when scale  beta: (x[axis]) when center }
    state { moving_mean: (x[axis])  moving_variance: (x[axis]) }
  }

  layer Flatten() { input: (batch, ...dims)  output: (batch, product(dims)) }

  layer Reshape(target_shape: shape) { input: (batch, ...dims)  output: (batch, ...reshape(dims, target_shape)) }

  layer Permute(dims: shape) { input: (batch, ...sizes)  output: (batch, ...permute(sizes, dims)) }

  layer Concatenate(axis: int = -1) { input: ...values  output: concatenate(values, axis) }

  layer Add() { input: ...values  output: broadcast(values) }

  layer Embedding(input_dim: int >= 1, output_dim: int >= 1) {
    input: int32 (batch, ...positions)
    output: (batch, ...positions, output_dim)
    weights { embeddings: (input_dim, output_dim) }
  }

  layer AdaptiveAveragePooling2D(output_size: (int >= 1 | none, int >= 1 | none)) {
    input: (batch, height, width, channels)
    output: (batch, output_size[0] if output_size[0] != none else height, output_size[1] if output_size[1] != none else width, channels)
  }

  layer DepthToSpace(block_size: int >= 1) {
    input: (batch, height, width, channels)
    require channels % block_size ** 2 == 0, "channels must be a multiple of block_size²"
    output: (batch, height * block_size, width * block_size, channels // block_size ** 2)
  }

  layer ZeroPadding2D(padding: ((int >= 0, int >= 0), (int >= 0, int >= 0)) = 1) {
    input: (batch, height, width, channels)
    output: (batch, height + sum(padding[0]), width + sum(padding[1]), channels)
  }

  layer Lambda(function: string, output_shape: shape) { input: (batch, ...dims)  output: (batch, ...output_shape) }

  layer GraphConv(units: int >= 1, use_bias: bool = true) {
    input: (batch, nodes, features), (batch, nodes, nodes)
    output: (batch, nodes, units)
    weights { kernel: (features, units)  bias: (units) when use_bias }
    macs: nodes * features * units + nodes * nodes * units
  }
  """#
