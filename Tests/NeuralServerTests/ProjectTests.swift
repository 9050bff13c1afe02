import Foundation
import LanguageServerProtocol
import NeuralIDE
import NeuralModel
import NeuralServer
import Testing

/// `neural.json`: what it says, what is wrong with it, and what comes of it in an editor.
@Suite(.timeLimit(.minutes(1))) struct ProjectTests {
  @Test(arguments: [
    ("*.neural", "a.neural", true), ("*.neural", "deep/a.neural", true),
    ("a", "a/b/c.neural", true),
    ("a/", "b/a/c.neural", true), ("/a", "b/a.neural", false), ("/a", "a/b.neural", true),
    ("a/b", "a/b/c.neural", true), ("a/b", "c/a/b.neural", false), ("**/b", "a/c/b/x.neural", true),
    ("a/**", "a/x/y.neural", true), ("a/**", "b/a/x.neural", false),
    ("a/**/z.neural", "a/z.neural", true), ("a/**/z.neural", "a/b/c/z.neural", true),
    ("?.neural", "ab.neural", false), ("a*b*c", "axxbyyc", true), ("a*b*c", "axxbyy", false),
    ("*", "x", true), ("./a/*", "a/x.neural", true), ("é?", "éx", true),
  ])
  func patterns(pattern: String, path: String, fits: Bool) {
    #expect(PathPattern(pattern).matches(path) == fits)
  }

  private func problems(_ text: String) -> [String] {
    var problems: [ProjectSettings.Problem] = []
    _ = ProjectSettings(parsing: Array(text.utf8), problems: &problems)
    return problems.map { problem in
      let place = String(decoding: Array(text.utf8)[problem.range], as: UTF8.self)
      return "\(place): \(problem.message)"
    }
  }

  @Test func whatIsWrongIsSaidAtItsPlace() {
    #expect(
      problems(#"{"$schema": "x", "exclude": ["a"], "levels": {"unused-value": "off"}}"#) == [])
    #expect(problems("[]") == ["[]: Expected an object, found an array."])
    #expect(problems("{\"levels\": }") == ["}: No value starts here."])
    #expect(problems("") == [": A value is missing."])
    #expect(
      problems(#"{"exclud": [1], "levels": {"unused-valu": "off", "old-form": "info"}}"#) == [
        "\"exclud\": There is no setting `exclud`, but `exclude`.",
        "\"unused-valu\": There is no setting `unused-valu`, but `unused-value`.",
        "\"info\": Expected \"off\", \"hint\", \"information\", \"warning\", \"error\", found \"info\".",
      ])
    #expect(
      problems(#"{"exclude": "a", "generate": {"target": 3, "output": null}}"#) == [
        "\"a\": Expected an array of strings, found a string.",
        "3: Expected a string, found a number.", "null: Expected a string, found null.",
      ])
  }

  private static let source =
    "network N { input: (4) layers: dense(\"3\") -> x input -> Dense(2) }\n"

  private func codes(_ published: JSON) -> [String] {
    guard case .array(let found)? = published["diagnostics"] else { return [] }
    return found.map { finding in
      guard case .string(let code)? = finding["code"],
        case .integer(let level)? = finding["severity"]
      else { return "?" }
      return "\(code) \(level)"
    }
  }

  @Test func levelsInAnEditor() throws {
    let workspace = try Workspace([
      "neural.json": #"{"levels": {"unused-value": "off", "layer-spelling": "error"}}"#,
      "deep/inner/neural.json": "{}",
    ])
    let client = workspace.client()
    client.open(Self.source, uri: workspace.uri("deep/a.neural"))
    #expect(
      codes(client.notification("textDocument/publishDiagnostics")) == [
        "layer-spelling 1", "implicit-conversion 2",
      ])
    // The nearest one counts alone.
    client.open(Self.source, uri: workspace.uri("deep/inner/a.neural"))
    #expect(
      codes(client.notification("textDocument/publishDiagnostics")) == [
        "layer-spelling 4", "implicit-conversion 2", "unused-value 2",
      ])
    client.finish()
  }

  /// Edited in the editor, it counts before it is saved, and what is wrong with it is shown in it.
  @Test func asItIsEdited() throws {
    let workspace = try Workspace()
    let client = workspace.client()
    let (source, project) = (workspace.uri("a.neural"), workspace.uri("neural.json"))
    func published(_ uri: String) -> [String] {
      codes(
        client.next {
          $0["method"] == "textDocument/publishDiagnostics" && $0["params"]?["uri"] == .string(uri)
        }["params"] ?? .null)
    }
    client.open(Self.source, uri: source)
    #expect(published(source).count == 3)
    client.open("{\"levels\": {\"unused-value\": \"of\"}}", uri: project)
    #expect(published(project) == ["invalid-setting 1"])
    client.change(
      [["range": range((0, 31), (0, 31)), "text": "f"]], uri: project, version: 2)
    #expect(published(project) == [])
    #expect(published(source) == ["layer-spelling 4", "implicit-conversion 2"])
    // It is no model: nothing else is said of it.
    let place = document(project, ["position": position(0, 14)])
    #expect(client.request("textDocument/hover", place)["result"] == .null)
    #expect(client.request("textDocument/documentSymbol", document(project))["result"] == [])
    client.notify("textDocument/didClose", document(project))
    #expect(published(source).count == 3)
    client.finish()
  }

  @Test(arguments: [
    ("{$0", ["levels", "exclude", "generate"]), ("{\"exclude\": [], \"$0", ["levels", "generate"]),
    ("{\"generate\": {$0}}", ["target", "output"]),
    ("{\"generate\": {\"target\": $0", ["pytorch", "tensorflow", "jax", "onnx"]),
    ("{\"levels\": {\"old-form\": \"$0\"", ["off", "hint", "information", "warning", "error"]),
    ("{\"exclude\": [\"$0", []), ("{\"levels\": {}, $0", ["exclude", "generate"]),
  ])
  func completion(marked: String, labels: [String]) throws {
    let workspace = try Workspace()
    let client = workspace.client()
    let place = workspace.open("neural.json", marked, in: client)
    let items = client.request("textDocument/completion", place)["result"]?["items"]
    let found = (0..<(items?.count ?? 0)).compactMap { items?[$0]?["label"] }
    #expect(found == labels.map(JSON.string))
    client.finish()
  }

  @Test func excludedFilesAreLeftAlone() throws {
    let workspace = try Workspace([
      "neural.json": #"{"exclude": ["old"]}"#, "old/a.neural": Self.source, "b.neural": Self.source,
    ])
    let client = workspace.client(["textDocument": ["diagnostic": [:]]])
    let reports = client.request("workspace/diagnostic", ["previousResultIds": []])["result"]
    #expect(reports?["items"]?.count == 1)
    client.open(Self.source, uri: workspace.uri("old/a.neural"))
    let report = client.request(
      "textDocument/diagnostic", document(workspace.uri("old/a.neural")))["result"]
    #expect(report?["items"] == [])
    client.finish()
  }

  @Test func generatedFilesHaveTheirFolder() throws {
    let workspace = try Workspace(["neural.json": #"{"generate": {"output": "../gen"}}"#])
    let client = workspace.client()
    client.open("network N { input: (4) layers: Dense(3) }\n", uri: workspace.uri("m/a.neural"))
    let id = client.ask(
      "workspace/executeCommand",
      [
        "command": "neural.generate",
        "arguments": [["uri": .string(workspace.uri("m/a.neural")), "target": "pytorch"]],
      ])
    let place = workspace.folder.deletingLastPathComponent().appending(path: "gen/a.py").path()
    #expect(client.answer(to: id)["result"]?["uris"] == [.string(DocumentURI.uri(ofPath: place))])
    client.finish()
  }
}
