import Glibc
import NeuralCodegen
import NeuralIDE
import NeuralModel
import NeuralONNX

/// ONNX models on the disk.
public enum ModelFile {
  /// Asks libonnx about a model.
  /// - Throws: what it refuses, at the layers that it comes from; or why it cannot be asked.
  public static func check(
    _ model: ONNXModel, from analysis: Analysis
  ) throws(GenerationError) {
    let findings: [ONNXChecker.Finding]
    do throws(ONNXChecker.Failure) {
      findings = try ONNXChecker().check(model)
    } catch {
      throw GenerationError(error.message)
    }
    if findings.isEmpty { return }
    throw GeneratedFile.refused(
      model, findings.map { (node: $0.node, message: $0.message) }, in: analysis)
  }

  /// What is wrong with weights or with the disk.
  public struct Failure: Error, Sendable {
    public var reason: String

    public init(reason: String) { self.reason = reason }
  }

  /// A safetensors file, its tensors to be read one by one.
  public static func weights(_ path: String) throws(Failure) -> Safetensors {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { throw Failure(reason: StoredFile.reason()) }
    let file = OpenFile(number)
    var status = stat()
    guard unsafe fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw Failure(reason: "it is no file")
    }
    do throws(Safetensors.FormatError) {
      return try Safetensors(size: Int(status.st_size)) { range in file.read(range) }
    } catch {
      throw Failure(reason: error.message)
    }
  }

  /// Replaces the files of a model as a whole, so that nobody sees half of them.
  public static func write(
    _ model: ONNXModel, _ weights: ONNXWeights, to path: String,
    isCancelled: () -> Bool = { false }
  ) throws(Failure) {
    let data = dataPath(path)
    let names = [path, data].map { "\($0).\(getpid()).tmp" }
    var files: [Int32] = []
    defer { for file in files { close(file) } }
    for name in model.hasExternalData ? names : [names[0]] {
      let number = unsafe open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
      guard number >= 0 else { throw Failure(reason: StoredFile.reason()) }
      files.append(number)
    }
    do throws(Failure) {
      try model.write(weights, dataName: fileName(data)) { (part, bytes) throws(Failure) in
        let file = part == .model ? files[0] : files[files.count - 1]
        if isCancelled() { throw Failure(reason: "cancelled") }
        if !Descriptor(file).write(bytes) { throw Failure(reason: StoredFile.reason()) }
      } invalid: {
        Failure(reason: $0.message)
      }
      // The weights first: a model without them would be broken.
      for (name, final) in zip(names, [path, data]).reversed().suffix(files.count)
      where final == path || model.hasExternalData {
        guard unsafe rename(name, final) == 0 else { throw Failure(reason: StoredFile.reason()) }
      }
    } catch {
      for name in names { _ = unsafe unlink(name) }
      throw error
    }
  }

  /// Whether the files at a path are those that a model makes.
  public static func isCurrent(
    _ model: ONNXModel, _ weights: ONNXWeights, at path: String
  ) throws(Failure) -> Bool {
    let data = dataPath(path)
    var files: [Int32] = []
    defer { for file in files { close(file) } }
    for name in model.hasExternalData ? [path, data] : [path] {
      let number = unsafe open(name, O_RDONLY | O_CLOEXEC)
      guard number >= 0 else { return false }
      files.append(number)
    }
    var isSame = true
    try model.write(weights, dataName: fileName(data)) { (part, bytes) throws(Failure) in
      var rest = bytes[...]
      while isSame, !rest.isEmpty {
        let piece = Descriptor(part == .model ? files[0] : files[files.count - 1])
          .read(upTo: min(rest.count, 1 << 20))
        isSame = !piece.isEmpty && rest.starts(with: piece)
        rest = rest.dropFirst(piece.count)
      }
    } invalid: {
      Failure(reason: $0.message)
    }
    return isSame && files.allSatisfy { Descriptor($0).read(upTo: 1).isEmpty }
  }

  /// Where the weights stand that do not fit into the model's own file.
  public static func dataPath(_ path: String) -> String { path + ".data" }

  private static func fileName(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// A file that is open as long as somebody may read it.
  private final class OpenFile: Sendable {
    private let number: Int32

    init(_ number: Int32) { self.number = number }

    deinit { close(number) }

    func read(_ range: Range<Int>) -> [UInt8]? {
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
        count = 0
        while count < range.count {
          let result = unsafe pread(
            number, buffer.baseAddress.map { unsafe $0 + count }, range.count - count,
            off_t(range.lowerBound + count))
          if result < 0, errno == EINTR { continue }
          if result <= 0 { return }
          count += result
        }
      }
      return bytes.count == range.count ? bytes : nil
    }
  }
}
