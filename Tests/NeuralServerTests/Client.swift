import Foundation
import LanguageServerProtocol
import NeuralDevices
import NeuralServer
import Support
import Testing

/// Speaks the protocol with a server in this process.
final class Client {
  let wire: WireClient
  private var count = 0
  /// Messages that came while another was waited for.
  private var kept: [JSON] = []

  init(
    _ service: any LanguageService = FakeService(), outputLimit: Int? = nil,
    readsAnswers: Bool = true, patience: Int? = nil, library: Library = Library(),
    probe: @escaping @Sendable () -> DeviceReport = { .withoutCUDA }
  ) {
    var server = Server(
      service: service,
      hooks: ServerHooks(version: "1.2.3", library: library, probeDevices: probe))
    server.parentInterval = 20
    if let outputLimit { server.outputLimit = outputLimit }
    if let patience { server.patience = patience }
    wire = WireClient(readsAnswers: readsAnswers) { [server] input, output in
      server.run(input: Descriptor(input), output: Descriptor(output))
    }
  }

  static let everything: JSON = [
    "general": ["positionEncodings": ["utf-8", "utf-16"]],
    "workspace": [
      "applyEdit": true, "configuration": false, "inlayHint": ["refreshSupport": true],
      "workspaceEdit": ["documentChanges": true, "resourceOperations": ["create", "rename"]],
    ],
    "textDocument": [
      "publishDiagnostics": ["relatedInformation": true],
      "hover": ["contentFormat": ["markdown", "plaintext"]],
      "completion": [
        "completionItem": ["snippetSupport": true, "documentationFormat": ["markdown"]]
      ],
      "codeAction": ["codeActionLiteralSupport": [:], "isPreferredSupport": true],
    ],
  ]

  @discardableResult
  func initialize(
    capabilities: JSON = Client.everything, options: JSON = .null, more: JSONObject = [:]
  )
    -> JSON
  {
    var params: JSONObject = ["processId": nil, "capabilities": capabilities]
    params.append("initializationOptions", options)
    for (key, value) in more.members { params.append(key, value) }
    let answer = request("initialize", .object(params))
    notify("initialized", [:])
    return answer["result"] ?? .null
  }

  func send(_ json: JSON) { wire.send(String(decoding: json.bytes, as: UTF8.self)) }

  func notify(_ method: String, _ params: JSON) {
    send(["jsonrpc": "2.0", "method": .string(method), "params": params])
  }

  /// The id of the request, without waiting for its answer.
  func ask(_ method: String, _ params: JSON) -> Int {
    count += 1
    send(["jsonrpc": "2.0", "id": .integer(count), "method": .string(method), "params": params])
    return count
  }

  func request(_ method: String, _ params: JSON) -> JSON { answer(to: ask(method, params)) }

  /// The whole answer, with its `result` or `error`.
  func answer(to id: Int) -> JSON { next { $0["id"] == .integer(id) && $0["method"] == nil } }

  /// The parameters of the next notification, or the next request, of a method.
  func notification(_ method: String) -> JSON {
    next { $0["method"] == .string(method) }["params"] ?? .null
  }

  /// The next message that fits; what comes before it is kept for later.
  func next(seconds: Double = 10, _ fits: (JSON) -> Bool = { _ in true }) -> JSON {
    if let index = kept.firstIndex(where: fits) { return kept.remove(at: index) }
    while let text = wire.receive(seconds: seconds) {
      guard let json = try? JSON(parsing: Array(text.utf8)) else {
        Issue.record("The server wrote what is no JSON: \(text)")
        continue
      }
      if fits(json) { return json }
      kept.append(json)
    }
    Issue.record("The message that is waited for does not come; there were \(kept)")
    return .null
  }

  /// Whatever came that nobody waited for, after the server has ended or been quiet for a while.
  func rest(seconds: Double = 0.2) -> [JSON] {
    while let text = wire.receive(seconds: seconds) {
      kept.append((try? JSON(parsing: Array(text.utf8))) ?? .null)
    }
    defer { kept = [] }
    return kept
  }

  func open(_ text: String, uri: String = "file:///w/a.neural", version: Int = 1) {
    notify(
      "textDocument/didOpen",
      [
        "textDocument": [
          "uri": .string(uri), "languageId": "neural", "version": .integer(version),
          "text": .string(text),
        ]
      ])
  }

  func change(_ changes: [JSON], uri: String = "file:///w/a.neural", version: Int) {
    notify(
      "textDocument/didChange",
      [
        "textDocument": ["uri": .string(uri), "version": .integer(version)],
        "contentChanges": .array(changes),
      ])
  }

  func finish(sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(request("shutdown", .null)["result"] == .null, sourceLocation: sourceLocation)
    notify("exit", .null)
    #expect(wire.exitStatus() == 0, sourceLocation: sourceLocation)
  }
}

func position(_ line: Int, _ character: Int) -> JSON {
  ["line": .integer(line), "character": .integer(character)]
}

func range(_ start: (Int, Int), _ end: (Int, Int)) -> JSON {
  ["start": position(start.0, start.1), "end": position(end.0, end.1)]
}

func document(_ uri: String = "file:///w/a.neural", _ more: JSONObject = [:]) -> JSON {
  var object: JSONObject = ["textDocument": ["uri": .string(uri)]]
  for (key, value) in more.members { object.append(key, value) }
  return .object(object)
}

extension JSON {
  var code: Int? { if case .integer(let code)? = self["error"]?["code"] { code } else { nil } }
  subscript(index: Int) -> JSON? {
    if case .array(let elements) = self, elements.indices.contains(index) {
      elements[index]
    } else {
      nil
    }
  }
  var count: Int { if case .array(let elements) = self { elements.count } else { 0 } }
}

extension DeviceReport {
  /// A machine with nothing but its CPU.
  static let withoutCUDA = DeviceReport(
    cuda: CUDAReport(status: .unavailable(reason: "there is no NVIDIA driver")),
    cpu: CPUDevice(
      name: "Test CPU", architecture: "x86_64", physicalCores: nil, logicalCores: 2,
      memory: Memory(total: 1 << 30), features: []))
}
