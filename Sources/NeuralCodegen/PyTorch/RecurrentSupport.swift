/// Recurrent layers that PyTorch has no module for: other activations, dropouts shared by all steps
/// as Keras has them, and a GRU whose reset gate comes before the product. They are called as
/// PyTorch's own are, and keep their weights in Keras's layout.
enum RecurrentSupport {
  static func text(of layer: String) -> String {
    switch layer {
    case "LSTM": lstm
    case "GRU": gru
    default: simple
    }
  }

  private static let simple = """
    class SimpleRNN(nn.Module):
        \"""A layer over time as Keras has it: any activation, dropout shared by all steps.\"""

        def __init__(
            self,
            input_size: int,
            units: int,
            bias: bool = True,
            activation: Callable[[Tensor], Tensor] = torch.tanh,
            dropout: float = 0.0,
            recurrent_dropout: float = 0.0,
        ) -> None:
            super().__init__()
            self.kernel = nn.Parameter(torch.empty(input_size, units))
            self.recurrent_kernel = nn.Parameter(torch.empty(units, units))
            self.bias = nn.Parameter(torch.zeros(units)) if bias else None
            nn.init.xavier_uniform_(self.kernel)
            nn.init.orthogonal_(self.recurrent_kernel)
            self.activation = activation
            self.dropout = dropout
            self.recurrent_dropout = recurrent_dropout

        def forward(self, x: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
            units = self.recurrent_kernel.shape[0]
            h = x.new_zeros(x.shape[0], units) if state is None else state[0]
            x = x * F.dropout(torch.ones_like(x[:, :1]), self.dropout, self.training)
            keep = F.dropout(torch.ones_like(h), self.recurrent_dropout, self.training)
            steps = []
            for step in x.unbind(1):
                h = step @ self.kernel + (h * keep) @ self.recurrent_kernel
                if self.bias is not None:
                    h = h + self.bias
                h = self.activation(h)
                steps.append(h)
            return torch.stack(steps, dim=1), h.unsqueeze(0)
    """

  private static let lstm = """
    class LSTM(nn.Module):
        \"""Long short-term memory as Keras has it: any activation, dropout shared by all steps.\"""

        def __init__(
            self,
            input_size: int,
            units: int,
            bias: bool = True,
            activation: Callable[[Tensor], Tensor] = torch.tanh,
            recurrent_activation: Callable[[Tensor], Tensor] = torch.sigmoid,
            dropout: float = 0.0,
            recurrent_dropout: float = 0.0,
        ) -> None:
            super().__init__()
            self.kernel = nn.Parameter(torch.empty(input_size, 4 * units))
            self.recurrent_kernel = nn.Parameter(torch.empty(units, 4 * units))
            self.bias = nn.Parameter(torch.zeros(4 * units)) if bias else None
            nn.init.xavier_uniform_(self.kernel)
            nn.init.orthogonal_(self.recurrent_kernel)
            self.activation = activation
            self.recurrent_activation = recurrent_activation
            self.dropout = dropout
            self.recurrent_dropout = recurrent_dropout

        def forward(
            self, x: Tensor, state: tuple[Tensor, Tensor] | None = None
        ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
            if state is None:
                h = c = x.new_zeros(x.shape[0], self.recurrent_kernel.shape[0])
            else:
                h, c = state[0][0], state[1][0]
            x = x * F.dropout(torch.ones_like(x[:, :1]), self.dropout, self.training)
            keep = F.dropout(torch.ones_like(h), self.recurrent_dropout, self.training)
            steps = []
            for step in x.unbind(1):
                gates = step @ self.kernel + (h * keep) @ self.recurrent_kernel
                if self.bias is not None:
                    gates = gates + self.bias
                i, f, g, o = gates.chunk(4, dim=-1)
                i, f, o = (self.recurrent_activation(gate) for gate in (i, f, o))
                c = f * c + i * self.activation(g)
                h = o * self.activation(c)
                steps.append(h)
            return torch.stack(steps, dim=1), (h.unsqueeze(0), c.unsqueeze(0))
    """

  private static let gru = """
    class GRU(nn.Module):
        \"""Gated recurrent unit as Keras has it: any activation, the reset before or after.\"""

        def __init__(
            self,
            input_size: int,
            units: int,
            bias: bool = True,
            activation: Callable[[Tensor], Tensor] = torch.tanh,
            recurrent_activation: Callable[[Tensor], Tensor] = torch.sigmoid,
            dropout: float = 0.0,
            recurrent_dropout: float = 0.0,
            reset_after: bool = True,
        ) -> None:
            super().__init__()
            self.kernel = nn.Parameter(torch.empty(input_size, 3 * units))
            self.recurrent_kernel = nn.Parameter(torch.empty(units, 3 * units))
            shape = (2, 3 * units) if reset_after else (3 * units,)
            self.bias = nn.Parameter(torch.zeros(shape)) if bias else None
            nn.init.xavier_uniform_(self.kernel)
            nn.init.orthogonal_(self.recurrent_kernel)
            self.activation = activation
            self.recurrent_activation = recurrent_activation
            self.dropout = dropout
            self.recurrent_dropout = recurrent_dropout
            self.reset_after = reset_after

        def forward(self, x: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
            units = self.recurrent_kernel.shape[0]
            h = x.new_zeros(x.shape[0], units) if state is None else state[0]
            x = x * F.dropout(torch.ones_like(x[:, :1]), self.dropout, self.training)
            keep = F.dropout(torch.ones_like(h), self.recurrent_dropout, self.training)
            zeros = x.new_zeros(2, 3 * units)
            if self.bias is None:
                outer, inner = zeros
            elif self.reset_after:
                outer, inner = self.bias
            else:
                outer, inner = self.bias, zeros[0]
            steps = []
            for step in x.unbind(1):
                xz, xr, xn = (step @ self.kernel + outer).chunk(3, dim=-1)
                kept = h * keep
                hz, hr, hn = (kept @ self.recurrent_kernel + inner).chunk(3, dim=-1)
                z = self.recurrent_activation(xz + hz)
                r = self.recurrent_activation(xr + hr)
                if self.reset_after:
                    n = self.activation(xn + r * hn)
                else:
                    n = self.activation(xn + (r * kept) @ self.recurrent_kernel[:, -units:])
                h = z * h + (1 - z) * n
                steps.append(h)
            return torch.stack(steps, dim=1), h.unsqueeze(0)
    """
}
