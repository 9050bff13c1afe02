import Testing

@testable import NeuralSyntax

@Suite struct NetworkTests {
  @Test func sample() {
    let tree = check(
      """
      import "blocks.neural"
      import Bottleneck, Stage from "blocks.neural"
      ## A network.
      network Name(classes=1000) {
        input: (28, 28, 1)
        data_format: "channels_last"
        layers:
          Conv2D(64, 3, padding="same")
          stem -> Conv2D(64, 1) -> BatchNormalization() -> shortcut
          (query, memory) -> MultiHeadAttention(num_heads=8)
          LSTM(256, return_sequences=true, return_state=true) -> (sequence, h, c)
          Add(shortcut)
          Residual { Conv2D(3) shortcut { Conv2D(1) } } * 3 @ "cuda:0" -> skips[i]
          for (f, n) in [(64, 3), (128, 4)] { Dense(f) * n }
          if a < b <= 3 { Dense(1) } else if c { Dense(2) } else { Dense(3) }
          let embed = Embedding(50257, 768)
          skips[i]
        outputs: logits, boxes
        loss: { logits: "x", boxes: Huber(delta=1.0) }
        optimizer: Adam(learning_rate=ExponentialDecay(1e-3, 1000, 0.96))
        metrics: ["accuracy"]
        train { epochs: 15  batch_size: 64  validation_split: 0.2 }
        execution { device: "auto" }
      }
      research Report {
        title: "t"  authors: ["a"]
        metrics { accuracy: 0.95  loss: 0.2 }
      }
      """)
    #expect(errors(tree) == [])
    #expect(
      Dump.file(tree.sourceFile) == """
        import  from blocks.neural
        import Bottleneck,Stage from blocks.neural
        [A network.] network Name(classes = 1000)
          input: (28, 28, 1)
          data_format: 'channels_last'
          layers: {Conv2D(64, 3, padding='same'); stem -> Conv2D(64, 1) -> BatchNormalization() -> shortcut; \
        (query, memory) -> MultiHeadAttention(num_heads=8); \
        LSTM(256, return_sequences=true, return_state=true) -> (sequence, h, c); Add(shortcut); \
        Residual {Conv2D(3); shortcut {Conv2D(1)}} * 3 @ 'cuda:0' -> =skips[i]; \
        for f, n in [(64, 3), (128, 4)] {Dense(f) * n}; \
        if (a < b <= 3) {Dense(1)} else if c {Dense(2)} else {Dense(3)}; \
        let embed = Embedding(50257, 768); =skips[i]}
          outputs: logits, boxes
          loss: {logits: 'x', boxes: Huber(delta=1.0)}
          optimizer: Adam(learning_rate=ExponentialDecay(0.001, 1000, 0.96))
          metrics: ['accuracy']
          train: {epochs: 15, batch_size: 64, validation_split: 0.2}
          execution: {device: 'auto'}
        research Report {title: 't', authors: ['a'], metrics: {accuracy: 0.95, loss: 0.2}}
        """)
  }
}
