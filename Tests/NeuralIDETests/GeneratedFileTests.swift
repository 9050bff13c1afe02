import NeuralIDE
import NeuralModel
import Testing

@Suite struct GeneratedFileTests {
  private func make(
    _ text: String, path: String = "/w/a.neural", network: String? = nil, target: String = "pytorch"
  ) throws -> GeneratedFile {
    let document = Document(id: FileID(rawValue: 0), path: path, text: Array(text.utf8))
    return try GeneratedFile.make(from: Analysis(document), network: network, target: target)
  }

  private let good = "network A {\n  input: (8)\n  layers: Dense(2)\n}\n"

  @Test(arguments: [
    ("/w/lenet5.neural", "/w/lenet5.py"), ("my-net v2.nr", "my_net_v2.py"),
    ("/a-b/3d.rnr", "/a-b/_3d.py"), ("/w/noextension", "/w/noextension.py"),
    ("untitled:Untitled-1", "Untitled_1.py"), ("/w/a.b.neural", "/w/a_b.py"),
    ("/w/.neural", "/w/_neural.py"),
  ])
  func places(source: String, place: String) throws {
    #expect(try make(good, path: source).path == place)
  }

  @Test(arguments: [
    ("pytorch", "/w/a.py"), ("tensorflow", "/w/a_tensorflow.py"), ("jax", "/w/a_jax.py"),
    ("onnx", "/w/a.onnx"),
  ])
  func targetsStandSideBySide(target: String, place: String) throws {
    #expect(try make(good, network: "A", target: target).path == place)
  }

  @Test func contents() throws {
    let file = try make(good)
    #expect(file.isText && file.language == "python")
    #expect(file.contents.string.contains("class A(nn.Module)"))
    #expect(GeneratedFile.isUnedited(file.contents))
    #expect(!GeneratedFile.isUnedited(file.contents + [0x0A]))
    #expect(!GeneratedFile.isUnedited([]))
  }

  @Test func networks() throws {
    let two = good + good.replacing("network A", with: "network Other")
    let all = try make(two).contents.string
    #expect(all.contains("class A(") && all.contains("class Other("))
    let one = try make(two, network: "Other").contents.string
    #expect(!one.contains("class A(") && one.contains("class Other("))
    let bad = two + "network B {\n  input: (8)\n  layers: Desne(2)\n}\n"
    #expect(try make(bad, network: "A").contents.string.contains("class A("))
    #expect(throws: GenerationError.self) { try make(bad) }
  }

  private func check(
    _ text: String, network: String? = nil, target: String = "pytorch", _ message: String,
    codes: [DiagnosticCode] = [], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: GenerationError.self, sourceLocation: sourceLocation) {
      try make(text, network: network, target: target)
    }
    #expect(error?.message == message, sourceLocation: sourceLocation)
    #expect(error?.diagnostics.map(\.code) == codes, sourceLocation: sourceLocation)
  }

  @Test func refusals() {
    let two = good + good.replacing("network A", with: "network Other")
    check(two, network: "Othr", "There is no network Othr here, but Other, A.")
    check("define D { Dense(2) }", "There is no network in /w/a.neural.")
    check(
      good, target: "PyTorch", "There is no target PyTorch, but pytorch, tensorflow, jax, onnx.")
    check(
      good.replacing("Dense", with: "Desne"),
      "A has an error: line 3: there is no layer or definition called `Desne`; did you mean "
        + "`Dense`?", codes: [.unknownLayer])
    check(
      good.replacing("network A", with: "network A(units)").replacing("2", with: "units"),
      "A has no value for `units`; give it a default.")
  }
}
