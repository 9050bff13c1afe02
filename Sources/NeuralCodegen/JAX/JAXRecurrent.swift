/// Keras's recurrent layers, which Flax has with other weights: classes for the generated module.
enum JAXRecurrent {
  static let base = """
    class Recurrent(nnx.Module):
        \"""A layer over time; a call gives the results of all steps, and the last states.\"""

        gates = 1
        states = 1

        def __init__(
            self,
            in_features: int,
            units: int,
            *,
            activation: Callable[[jax.Array], jax.Array] = jnp.tanh,
            recurrent_activation: Callable[[jax.Array], jax.Array] = jax.nn.sigmoid,
            use_bias: bool = True,
            dropout: float = 0.0,
            recurrent_dropout: float = 0.0,
            rngs: nnx.Rngs,
        ) -> None:
            orthogonal = nnx.initializers.orthogonal()
            columns = self.gates * units
            self.kernel = nnx.Param(glorot_uniform(rngs.params(), (in_features, columns)))
            self.recurrent_kernel = nnx.Param(orthogonal(rngs.params(), (units, columns)))
            self.bias = nnx.Param(jnp.zeros(columns)) if use_bias else None
            self.activation = activation
            self.recurrent_activation = recurrent_activation
            # One mask for all steps.
            self.dropout = nnx.Dropout(dropout, broadcast_dims=(1,), rngs=rngs)
            self.recurrent_dropout = nnx.Dropout(recurrent_dropout, rngs=rngs)

        def __call__(
            self, x: jax.Array, *states: jax.Array
        ) -> tuple[jax.Array, tuple[jax.Array, ...]]:
            units = self.recurrent_kernel.shape[0]
            x = self.project(self.dropout(x))
            states = states or (jnp.zeros((x.shape[0], units)),) * self.states
            mask = self.recurrent_dropout(jnp.ones_like(states[0]))

            def step(
                states: tuple[jax.Array, ...], x: jax.Array
            ) -> tuple[tuple[jax.Array, ...], jax.Array]:
                states = self.step(x, states[0] * mask, *states)
                return states, states[0]

            states, x = jax.lax.scan(step, states, jnp.swapaxes(x, 0, 1))
            return jnp.swapaxes(x, 0, 1), states

        def project(self, x: jax.Array) -> jax.Array:
            x = x @ self.kernel
            return x if self.bias is None else x + self.bias
    """

  static let simple = """
    class SimpleRNN(Recurrent):
        \"""A recurrent layer without gates.\"""

        def step(
            self, x: jax.Array, masked: jax.Array, h: jax.Array
        ) -> tuple[jax.Array, ...]:
            return (self.activation(x + masked @ self.recurrent_kernel),)
    """

  static let lstm = """
    class LSTM(Recurrent):
        \"""Long short-term memory, its gates in Keras's order: input, forget, cell, output.\"""

        gates = 4
        states = 2

        def __init__(
            self, in_features: int, units: int, *, unit_forget_bias: bool = True, **options
        ) -> None:
            super().__init__(in_features, units, **options)
            if self.bias is not None and unit_forget_bias:
                self.bias[...] = self.bias.at[units : 2 * units].set(1.0)

        def step(
            self, x: jax.Array, masked: jax.Array, h: jax.Array, c: jax.Array
        ) -> tuple[jax.Array, ...]:
            i, f, g, o = jnp.split(x + masked @ self.recurrent_kernel, 4, axis=-1)
            c = self.recurrent_activation(f) * c + (
                self.recurrent_activation(i) * self.activation(g)
            )
            return self.recurrent_activation(o) * self.activation(c), c
    """

  static let gru = """
    class GRU(Recurrent):
        \"""Gated recurrent units in Keras's order: update, reset, candidate.\"""

        gates = 3

        def __init__(
            self, in_features: int, units: int, *, reset_after: bool = True, **options
        ) -> None:
            super().__init__(in_features, units, **options)
            self.reset_after = reset_after
            if self.bias is not None and reset_after:
                self.bias = nnx.Param(jnp.zeros((2, 3 * units)))

        def project(self, x: jax.Array) -> jax.Array:
            x = x @ self.kernel
            if self.bias is None:
                return x
            return x + (self.bias[0] if self.reset_after else self.bias[...])

        def step(
            self, x: jax.Array, masked: jax.Array, h: jax.Array
        ) -> tuple[jax.Array, ...]:
            units = h.shape[-1]
            kernel = self.recurrent_kernel[...]
            inner = masked @ (kernel if self.reset_after else kernel[:, : 2 * units])
            if self.bias is not None and self.reset_after:
                inner += self.bias[1]
            z, r = jnp.split(
                self.recurrent_activation(x[:, : 2 * units] + inner[:, : 2 * units]), 2, -1
            )
            if self.reset_after:
                candidate = r * inner[:, 2 * units :]
            else:
                candidate = (r * masked) @ kernel[:, 2 * units :]
            candidate = self.activation(x[:, 2 * units :] + candidate)
            return (z * h + (1 - z) * candidate,)
    """

  static let bidirectional = """
    class Bidirectional(nnx.Module):
        \"""A sequence read in both directions.\"""

        def __init__(
            self,
            forward_layer: nnx.Module,
            backward_layer: nnx.Module,
            *,
            merge_mode: str = "concat",
            return_sequences: bool = False,
        ) -> None:
            self.forward_layer = forward_layer
            self.backward_layer = backward_layer
            self.merge_mode = merge_mode
            self.return_sequences = return_sequences

        def __call__(self, x: jax.Array) -> jax.Array:
            forward, _ = self.forward_layer(x)
            backward, _ = self.backward_layer(x[:, ::-1])
            if self.return_sequences:
                backward = backward[:, ::-1]
            else:
                forward, backward = forward[:, -1], backward[:, -1]
            match self.merge_mode:
                case "concat":
                    return jnp.concatenate((forward, backward), axis=-1)
                case "mul":
                    return forward * backward
                case "ave":
                    return (forward + backward) / 2
                case _:
                    return forward + backward
    """
}
