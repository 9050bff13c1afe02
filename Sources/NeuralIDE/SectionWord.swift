/// A section of a network, as it is offered and explained.
struct SectionWord: Sendable {
  var name: String
  var documentation: String
  /// What is written for it, with tab stops.
  var snippet: String
  /// What the catalogue declares its names as.
  var keyword: String?

  static let all: [SectionWord] = [
    SectionWord(
      name: "input",
      documentation: "the shape of one sample, without the batch. Names stand for sizes that are "
        + "known only when it runs; conditions on them follow `where`.",
      snippet: "input: (${1:28, 28, 1})"),
    SectionWord(
      name: "data_format",
      documentation: "whether images are `\"channels_last\"` (height, width, channels) or "
        + "`\"channels_first\"`, for all layers of the network.",
      snippet: "data_format: \"${1|channels_last,channels_first|}\""),
    SectionWord(
      name: "layers", documentation: "the layers, in the order in which values flow through them.",
      snippet: "layers:\n  $0"),
    SectionWord(
      name: "outputs", documentation: "the named values that the network returns.",
      snippet: "outputs: $0"),
    SectionWord(
      name: "loss",
      documentation: "what training makes small: one for the network, or one for "
        + "each output.",
      snippet: "loss: $0", keyword: "loss"),
    SectionWord(
      name: "optimizer", documentation: "how the weights follow the gradient.",
      snippet: "optimizer: $0", keyword: "optimizer"),
    SectionWord(
      name: "metrics", documentation: "what is measured while the network trains.",
      snippet: "metrics: [$0]", keyword: "metric"),
    SectionWord(
      name: "train", documentation: "how the network is trained.", snippet: "train {\n  $0\n}"),
    SectionWord(
      name: "execution", documentation: "where the network runs.",
      snippet: "execution {\n  device: \"${1:auto}\"\n}"),
  ]

  /// `execute` is an older form of `execution`.
  static func named(_ word: String) -> SectionWord? {
    all.first { $0.name == (word == "execute" ? "execution" : word) }
  }
}
