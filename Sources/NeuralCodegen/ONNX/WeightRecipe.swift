/// How an operator's weight is made of one that the source declares. ONNX's layouts are not Keras's;
/// no step computes anything.
struct WeightRecipe: Hashable, Sendable {
  /// The weight's path.
  var path: String
  var steps: [Step] = []

  enum Step: Hashable, Sendable {
    case transpose([Int])
    case reshape([Int])
    /// An axis cut into equal blocks, which are put into another order.
    case blocks(axis: Int, order: [Int])
    /// Zeros after the last axis.
    case zeros(after: Int)
  }

  /// The shape that the steps give.
  func shape(from declared: [Int]) -> [Int] {
    var shape = declared
    for step in steps {
      switch step {
      case .transpose(let order): shape = order.map { shape[$0] }
      case .reshape(let sizes): shape = sizes
      case .blocks: continue
      case .zeros(let count): shape[shape.count - 1] += count
      }
    }
    return shape
  }

  /// The values that the steps give.
  func values(from declared: [Float], shape: [Int]) -> [Float] {
    var (values, shape) = (declared, shape)
    for step in steps {
      switch step {
      case .transpose(let order):
        values = WeightRecipe.transposed(values, shape, order)
        shape = order.map { shape[$0] }
      case .reshape(let sizes): shape = sizes
      case .blocks(let axis, let order):
        let inner = shape[(axis + 1)...].reduce(1, *)
        let block = shape[axis] / order.count * inner
        var result: [Float] = []
        result.reserveCapacity(values.count)
        for start in stride(from: 0, to: values.count, by: shape[axis] * inner) {
          for index in order {
            let first = start + index * block
            result += values[first..<first + block]
          }
        }
        values = result
      case .zeros(let count):
        let row = shape[shape.count - 1]
        var result: [Float] = []
        for start in stride(from: 0, to: values.count, by: max(row, 1)) {
          result += values[start..<start + row]
          result += Array(repeating: 0, count: count)
        }
        values = result
        shape[shape.count - 1] += count
      }
    }
    return values
  }

  private static func transposed(_ values: [Float], _ shape: [Int], _ order: [Int]) -> [Float] {
    var strides = Array(repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    let sizes = order.map { shape[$0] }
    let steps = order.map { strides[$0] }
    guard let row = sizes.last, let step = steps.last, !values.isEmpty else { return values }
    var place = Array(repeating: 0, count: sizes.count)
    var start = 0
    return unsafe [Float](unsafeUninitializedCapacity: values.count) { result, count in
      unsafe values.withUnsafeBufferPointer { values in
        while count < values.count {
          var source = start
          for _ in 0..<row {
            unsafe result.initializeElement(at: count, to: values[source])
            source += step
            count += 1
          }
          var axis = sizes.count - 2
          while axis >= 0 {
            place[axis] += 1
            start += steps[axis]
            if place[axis] < sizes[axis] { break }
            start -= sizes[axis] * steps[axis]
            place[axis] = 0
            axis -= 1
          }
        }
      }
    }
  }
}
