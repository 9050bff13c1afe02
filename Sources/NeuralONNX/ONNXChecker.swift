import Glibc
import NeuralCodegen

/// Asks libonnx about a model, through the helper `neural-onnx`: a crash in it ends a process and not the
/// server. The helper's source says how the two talk.
public struct ONNXChecker: Sendable {
  /// The helper's file.
  var executable: String
  /// How long a check may take. A model of a thousand layers takes a tenth of a second.
  var timeout: Duration

  /// Why there is no verdict, in words for the user.
  public struct Failure: Error, Equatable {
    public var message: String
  }

  /// What libonnx refuses.
  public struct Finding: Equatable, Sendable {
    /// The node that it is about; empty where it is none's.
    public var node: String
    public var message: String
  }

  /// The helper that stands beside the running program, or that `NEURAL_ONNX` names.
  /// - Throws: what to install, where there is none.
  public init(timeout: Duration = .seconds(60)) throws(Failure) {
    if let named = unsafe getenv("NEURAL_ONNX") {
      try self.init(executable: unsafe String(cString: named), timeout: timeout)
      return
    }
    guard let resolved = unsafe realpath("/proc/self/exe", nil) else {
      throw Failure(message: "The place of this program is not known; set NEURAL_ONNX.")
    }
    let own = unsafe String(cString: resolved)
    unsafe free(resolved)
    let folder = own.lastIndex(of: "/").map { own[..<$0] } ?? ""
    try self.init(executable: "\(folder)/neural-onnx", timeout: timeout)
  }

  init(executable: String, timeout: Duration) throws(Failure) {
    guard unsafe access(executable, X_OK) == 0 else {
      throw Failure(
        message: "ONNX models are checked by libonnx, and its helper is not at \(executable): "
          + "install libonnx-dev and libprotobuf-dev, and build again.")
    }
    self.executable = executable
    self.timeout = timeout
  }

  /// What libonnx refuses of a model, or where it infers another shape than our rules: the first of these
  /// in the order of the graph, since what comes after may follow from it. Empty where there is none.
  /// - Throws: where it gives no verdict.
  public func check(_ model: ONNXModel) throws(Failure) -> [Finding] {
    let answer = try ask(model.skeleton())
    if answer.opset < ONNXModel.opset, answer.errors.isEmpty {
      throw Failure(
        message: "This libonnx knows operators up to set \(answer.opset); models are written in "
          + "set \(ONNXModel.opset), which libonnx 1.12 has.")
    }
    return ONNXChecker.first(of: answer, model.tensors, model.shapes)
  }

  /// - Parameters:
  ///   - order: what the operators of the graph make.
  ///   - shapes: what our rules say.
  static func first(
    of answer: Answer, _ order: [String], _ shapes: [String: [ONNXSize]]
  ) -> [Finding] {
    var findings = answer.errors
    for (tensor, inferred) in answer.shapes {
      guard let ours = shapes[tensor], !agree(ours, inferred) else { continue }
      let texts = [ours, inferred].map { $0.map(\.description).joined(separator: ", ") }
      findings.append(
        Finding(
          node: tensor,
          message: "libonnx infers (\(texts[1])) where our rules say (\(texts[0]))"))
    }
    if findings.count < 2 { return findings }
    let places = Dictionary(zip(order, order.indices), uniquingKeysWith: min)
    func place(_ finding: Finding) -> Int { places[finding.node] ?? order.count }
    return findings.min { place($0) < place($1) }.map { [$0] } ?? []
  }

  /// Numbers are equal; a size that libonnx does not know may be any.
  static func agree(_ ours: [ONNXSize], _ inferred: [ONNXSize]) -> Bool {
    ours.count == inferred.count
      && zip(ours, inferred).allSatisfy { ours, inferred in
        if case .value = inferred { return ours == inferred }
        return true
      }
  }

  struct Answer: Equatable {
    var opset = 0
    var errors: [Finding] = []
    var shapes: [String: [ONNXSize]] = [:]
  }

  private func ask(_ model: [UInt8]) throws(Failure) -> Answer {
    let (output, ending) = HelperRun.run(executable, input: model, timeout: timeout)
    if let answer = ONNXChecker.answer(in: output) { return answer }
    throw Failure(message: "\(executable) gave no answer: \(ending).")
  }

  /// The answer of the helper; `nil` where it is not whole.
  static func answer(in output: [UInt8]) -> Answer? {
    var answer = Answer()
    for line in String(decoding: output, as: UTF8.self).split(separator: "\n") {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(unescaped)
      switch (fields[0], fields.count) {
      case ("opset", 2): answer.opset = Int(fields[1]) ?? 0
      case ("error", 3): answer.errors.append(Finding(node: fields[1], message: fields[2]))
      case ("shape", 4):
        answer.shapes[fields[1]] = fields[3].split(separator: ",").map { size in
          Int(size).map(ONNXSize.value) ?? .parameter(String(size))
        }
      case ("end", 1): return answer
      default: return nil
      }
    }
    return nil
  }

  private static func unescaped(_ field: Substring) -> String {
    var result = ""
    var isEscape = false
    for character in field {
      if isEscape {
        result.append(character == "t" ? "\t" : character == "n" ? "\n" : character)
        isEscape = false
      } else if character == "\\" {
        isEscape = true
      } else {
        result.append(character)
      }
    }
    return result
  }
}
