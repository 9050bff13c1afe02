/// How the axes of a tensor stand in an ONNX graph: the declared axis at each place. ONNX wants channels
/// second and time first where the source has them elsewhere; values keep the order in which they were
/// made, and are transposed only for what needs another one.
struct AxisOrder: Hashable, Sendable {
  /// The declared axis at each place.
  var axes: [Int]

  init(_ axes: [Int]) { self.axes = axes }

  /// As the source declares them.
  static func declared(_ rank: Int) -> AxisOrder { AxisOrder(Array(0..<max(rank, 0))) }

  /// One axis right after the batch, the others in their order.
  static func second(_ axis: Int, rank: Int) -> AxisOrder {
    AxisOrder([0, axis] + (1..<max(rank, 1)).filter { $0 != axis })
  }

  /// Some axes at the end, in the order given.
  static func last(_ moved: [Int], rank: Int) -> AxisOrder {
    AxisOrder((0..<rank).filter { !moved.contains($0) } + moved)
  }

  /// The first two axes exchanged: time before the batch.
  static func timeFirst(_ rank: Int) -> AxisOrder { AxisOrder([1, 0] + (2..<max(rank, 2))) }

  var rank: Int { axes.count }

  var isDeclared: Bool { axes == Array(0..<axes.count) }

  /// Where a declared axis stands; below 0 it counts from the end.
  func place(of axis: Int) -> Int {
    axes.firstIndex(of: axis < 0 ? axis + rank : axis) ?? 0
  }

  /// What is declared, in this order.
  func applied<Element>(to declared: [Element]) -> [Element] { axes.map { declared[$0] } }

  /// The permutation that brings a tensor of this order into another one.
  func permutation(to other: AxisOrder) -> [Int] { other.axes.map { place(of: $0) } }
}
