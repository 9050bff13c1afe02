import NeuralModel
import NeuralSyntax

/// What is wrong with a device that a file names.
public struct DeviceRemark: Sendable, Equatable {
  public var code: DiagnosticCode
  public var message: String
  /// The name that is likely meant.
  public var replacement: String?

  public init(_ code: DiagnosticCode, _ message: String, replacement: String? = nil) {
    self.code = code
    self.message = message
    self.replacement = replacement
  }
}

/// The name of a device where the source writes it: `device: "cuda:0"`, `Dense(8) @ "cuda:0"`.
public struct DeviceUse: Sendable, Equatable {
  public var name: String
  public var range: Range<Int>
  /// Whether it is where a whole network runs, and not one step of it.
  public var isOfNetwork = false

  public typealias Judge = (DeviceUse, NetworkGraph?) -> DeviceRemark?

  /// All of a file, in its order.
  public static func all(in analysis: Analysis) -> [DeviceUse] {
    let tree = analysis.document.tree
    let source = analysis.document.source
    // Few files name one: the walk over all of a file is for those.
    guard
      source.hasExecutionSection || tree.text(in: 0..<tree.byteCount).contains(UInt8(ascii: "@"))
    else { return [] }
    let pieces = source.pieces(in: 0..<max(1, tree.byteCount), of: tree)
    var uses: [DeviceUse] = []
    func add(_ expression: Expression, isOfNetwork: Bool = false) {
      if case .string(let name) = expression.kind {
        uses.append(
          DeviceUse(
            name: name, range: tree.range(of: expression.range), isOfNetwork: isOfNetwork))
      }
    }
    var isExecution = false
    for piece in pieces {
      switch piece {
      case .section(let section):
        isExecution = SectionWord.named(section.keyword.text)?.name == "execution"
      case .setting(let setting):
        if isExecution, setting.name.text == "device", case .expression(let value) = setting.value {
          add(value, isOfNetwork: true)
        }
      case .step(let step): if let device = step.device { add(device) }
      default: continue
      }
    }
    return uses
  }

  /// The findings of a file with those about its devices, which only a machine can make: `judge`
  /// says what is wrong with a use, in the execution of a network or at one of its steps. A comment
  /// that allows them is honoured.
  public static func adding(
    to diagnostics: [Diagnostic], of analysis: Analysis, judge: Judge
  ) -> [Diagnostic] {
    let uses = all(in: analysis)
    if uses.isEmpty { return diagnostics }
    let (document, tree) = (analysis.document, analysis.document.tree)
    func line(_ offset: Int) -> Int { tree.position(at: offset, in: .utf8).line }
    func isAllowed(_ use: DeviceUse, _ codes: [DiagnosticCode], by allowance: Allowance) -> Bool {
      guard codes.contains(where: { $0.rawValue == allowance.code.text }) else { return false }
      if let index = allowance.declaration,
        document.source.declarations.indices.contains(index)
      {
        return tree.range(of: document.source.declarations[index].range)
          .contains(use.range.lowerBound)
      }
      return line(tree.range(of: allowance.code.range).lowerBound) == line(use.range.lowerBound)
    }
    let allowances = document.source.allowances
    // Whether a device is here differs from machine to machine: allowing it is never idle.
    var result = diagnostics.filter { diagnostic in
      diagnostic.code != .unusedAllow
        || !allowances.contains { allowance in
          tree.range(of: allowance.code.range) == diagnostic.range
            && uses.contains { isAllowed($0, [.unknownDevice, .deviceMemory], by: allowance) }
        }
    }
    for use in uses {
      let network = analysis.networks.first { network in
        use.isOfNetwork
          && tree.range(of: network.declaration.range).contains(use.range.lowerBound)
      }
      guard let remark = judge(use, network),
        !allowances.contains(where: { isAllowed(use, [remark.code], by: $0) })
      else { continue }
      let fixes = remark.replacement.map { name in
        [
          Fix(
            title: "Write `\"\(name)\"`",
            edits: [TextEdit(file: document.id, range: use.range, text: "\"\(name)\"")])
        ]
      }
      let isKnown = result.contains { $0.code == remark.code && $0.range == use.range }
      if isKnown { continue }
      result.append(
        Diagnostic(
          code: remark.code, severity: remark.code.severity, message: remark.message,
          file: document.id, range: use.range, fixes: fixes ?? []))
    }
    return result.sorted {
      ($0.range.lowerBound, $0.severity, $0.code.rawValue)
        < ($1.range.lowerBound, $1.severity, $1.code.rawValue)
    }
  }
}

extension [Piece] {
  /// The name of the device that this string, the innermost piece, is.
  func deviceName(at expression: Expression) -> String? {
    guard case .string(let name) = expression.kind else { return nil }
    var isExecution = false
    for piece in self {
      switch piece {
      case .section(let section):
        isExecution = SectionWord.named(section.keyword.text)?.name == "execution"
      case .setting(let setting):
        if isExecution, setting.name.text == "device" { return name }
      case .step(let step): if step.device?.range == expression.range { return name }
      default: continue
      }
    }
    return nil
  }
}

extension SourceFile {
  fileprivate var hasExecutionSection: Bool {
    declarations.contains { declaration in
      guard case .network(let network) = declaration else { return false }
      return network.sections.contains { SectionWord.named($0.keyword.text)?.name == "execution" }
    }
  }
}
