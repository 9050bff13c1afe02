import NeuralIDE
import NeuralModel
import Testing

@Suite struct DeviceUseTests {
  private func network(_ device: String, _ step: String = "", above: String = "") -> String {
    """
    \(above)network N {
      input: (8)
      layers: Dense(2)\(step)
      execution { device: \(device) }
    }
    """
  }

  private func findings(_ source: String) -> [String] {
    let fixture = Fixture(source)
    let analysis = fixture.snapshot.analysis
    return DeviceUse.adding(to: analysis.diagnostics, of: analysis) { use, network in
      switch use.name {
      case "cpu": nil
      case "cuda:0":
        DeviceRemark(.deviceMemory, "\(use.isOfNetwork) \(network?.name ?? "-") is too large")
      case let name:
        DeviceRemark(.unknownDevice, "no \(name)", replacement: name == "cudo" ? "cuda" : nil)
      }
    }.map {
      "\($0.code.rawValue) \(fixture.string($0.range)) \($0.message) \($0.fixes.map(\.title))"
    }
  }

  @Test func places() {
    #expect(findings(network("\"cpu\"")) == [])
    #expect(
      findings(network("\"cuda:7\"", " @ \"cudo\"")) == [
        "unknown-device \"cudo\" no cudo [\"Write `\\\"cuda\\\"`\"]",
        "unknown-device \"cuda:7\" no cuda:7 []",
      ])
    // What is no literal is the model's business; settings of other sections are none.
    #expect(findings("research R { device: \"cuda:7\" }") == [])
    #expect(DeviceUse.all(in: Fixture("").snapshot.analysis) == [])
  }

  @Test func networksAreJudgedAndStepsAreNot() {
    #expect(
      findings(network("\"cuda:0\"", " @ \"cuda:0\"")) == [
        "device-memory \"cuda:0\" false - is too large []",
        "device-memory \"cuda:0\" true N is too large []",
      ])
    let allow = "# neural: allow(device-memory)"
    #expect(findings(network("\"cuda:0\" \(allow)\n")) == [])
    // It allows that finding alone.
    #expect(findings(network("\"cuda:7\" \(allow)\n")).count == 1)
  }

  @Test func allowances() {
    let allow = "# neural: allow(unknown-device)"
    #expect(findings(network("\"cuda:7\" \(allow)\n")) == [])
    #expect(findings(network("\"cuda:7\"", above: "\(allow)\n")) == [])
    // On a machine that has the device, the comment is not idle either.
    #expect(findings(network("\"cpu\" \(allow)\n")) == [])
    #expect(
      findings("network N { input: (8) layers: Dense(2) } \(allow)").first?
        .hasPrefix("unused-allow") == true)
  }
}
