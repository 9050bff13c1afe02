import Foundation
import Testing

@testable import NeuralDevices

@Suite struct DeviceReportTests {
  let schema: JSONSchema

  init() throws {
    schema = try JSONSchema(
      contentsOf: StandIn.root.appending(path: "Schemas/devices.schema.json"))
  }

  @Test(arguments: [
    Reports.two, Reports.none, Reports.failed, Reports.timedOut, Reports.crashed,
  ]) func jsonFitsItsSchema(report: DeviceReport) throws {
    #expect(try schema.findings(in: report.json()) == [])
  }

  @Test(arguments: ["two", "mig", "none", "error 999", "crash", "flaky"])
  func jsonOfAnswersFitsToo(behaviour: String) throws {
    #expect(try schema.findings(in: probe(behaviour, visible: "0,1").json()) == [])
    #expect(try schema.findings(in: probe(behaviour, library: \.oldCUDA).json()) == [])
  }

  @Test func exampleOfTheManualFitsToo() throws {
    let page = try String(
      contentsOf: StandIn.root.appending(path: "Docs/devices.md"), encoding: .utf8)
    let example = try #require(page.components(separatedBy: "```json\n").dropFirst().first)
    #expect(try schema.findings(in: example.components(separatedBy: "```")[0]) == [])
  }

  @Test func schemaRefuses() throws {
    // A schema that takes everything says nothing.
    let good = Reports.two.json()
    for (part, bad) in [
      ("\"version\": 1", "\"version\": 2"), ("\"cuda:0\"", "\"cuda:x\""),
      ("\"cuda_version\": \"12.2\"", "\"cuda_version\": 12.2"), ("\"9.0\"", "\"9\""),
      ("\"available\"", "\"fine\""), ("\"available\"", "\"error\""), ("GPU-", "gpu-"),
      ("\"multiprocessors\": 132, ", ""), ("\"total\": ", "\"all\": "),
      ("\"free\": 8", "\"free\": -8"),
      ("\"logical\": 16", "\"logical\": 0"), ("\"kind\": \"cpu\"", "\"kind\": \"npu\""),
    ] {
      let text = good.replacing(part, with: bad)
      #expect(text != good)
      #expect(try !schema.findings(in: text).isEmpty, "\(bad) passes")
    }
  }

  @Test func jsonOfTwoDevices() {
    #expect(
      Reports.two.json()
        == #"{"version": 1, "devices": ["#
        + #"{"id": "cuda:0", "kind": "cuda", "name": "Stand-in A100", "#
        + #""uuid": "GPU-a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaea0", "compute_capability": "9.0", "#
        + #""memory": {"total": 85899345920, "free": 84825604096}, "multiprocessors": 132, "#
        + #""bus_id": "0000:00:00.0"}, "#
        + #"{"id": "cuda:1", "kind": "cuda", "name": "Stand-in H100", "#
        + #""uuid": "GPU-a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaea1", "compute_capability": "9.0", "#
        + #""memory": {"total": 85899345920, "free": 84825604096}, "multiprocessors": 132, "#
        + #""bus_id": "0000:01:00.0"}, "#
        + #"{"id": "cpu", "kind": "cpu", "name": "Test CPU", "architecture": "x86_64", "#
        + #""cores": {"physical": 8, "logical": 16}, "#
        + #""memory": {"total": 34359738368, "free": 25769803776}, "features": ["avx2", "fma"]}], "#
        + #""cuda": {"status": "available", "driver_version": "535.129.03", "cuda_version": "12.2", "#
        + #""looked_for": ["libcuda.so.1"]}}"#)
  }

  @Test func anyNameMakesValidJSON() throws {
    let name = "a \"quoted\" \\ name\n\twith \u{1}\u{1b}\u{7f}, \u{e9}\u{1F600} and \u{2028}"
    var report = Reports.two
    report.cuda.devices[0].name = name
    let value = try JSONSerialization.jsonObject(with: Data(report.json().utf8))
    let devices = (value as? [String: Any])?["devices"] as? [[String: Any]]
    #expect(devices?.first?["name"] as? String == name)
    #expect(report.json().utf8.allSatisfy { $0 >= 0x20 })
    #expect(report.text().unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" })
    #expect(!report.text().unicodeScalars.contains { $0.value == 0x7f || $0.value == 0x2028 })
    #expect(!report.markdown().unicodeScalars.contains("\u{1b}"))
  }

  @Test func namesOfAnyBytesArriveRepaired() throws {
    let long = String(repeating: "x", count: 600)
    // Spaces, per cents and lines are what the helper's own records are made of.
    for (name, expected) in [
      ("100 % \"GPU\"\nend\n", "100 % \"GPU\"\nend"), ("red \u{1b}[31m", "red \u{1b}[31m"),
      ("", ""), (long, String(long.prefix(255))),
    ] {
      let report = try probe(name: name)
      #expect(report.cuda.devices.map(\.name) == [expected, "Stand-in H100"])
      #expect(try schema.findings(in: report.json()) == [])
    }
    let report = try probe("bytes")
    #expect(report.cuda.devices.first?.name == "\u{FFFD}GPU\u{FFFD}")
    #expect(try schema.findings(in: report.json()) == [])
  }

  @Test func text() {
    #expect(
      Reports.two.text() == """
        device  name             memory      free  details
        cuda:0  Stand-in A100  80.0 GiB  79.0 GiB  compute capability 9.0, 132 multiprocessors, 0000:00:00.0, GPU-a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaea0
        cuda:1  Stand-in H100  80.0 GiB  79.0 GiB  compute capability 9.0, 132 multiprocessors, 0000:01:00.0, GPU-a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaea1
        cpu     Test CPU       32.0 GiB  24.0 GiB  x86_64, 8 cores, 16 threads, avx2 fma

        CUDA 12.2, driver 535.129.03

        """)
    #expect(
      Reports.none.text() == """
        device  name        memory      free  details
        cpu     Test CPU  32.0 GiB  24.0 GiB  x86_64, 8 cores, 16 threads, avx2 fma

        CUDA unavailable: no CUDA driver (libcuda) was found
        looked for libcuda.so.1, libcuda.so

        """)
  }

  @Test func markdown() {
    var report = Reports.two
    report.cuda.devices = [Reports.device(0, "A_100 [x](y) `z`")]
    report.cuda.visibleDevices = "0"
    #expect(
      report.markdown() == #"""
        - `cuda:0` A\_100 \[x\](y) \`z\`: 80.0 GiB, 79.0 GiB free, compute capability 9.0, 132 multiprocessors, 0000:00:00.0, GPU-a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaea0
        - `cpu` Test CPU: 32.0 GiB, 24.0 GiB free, x86\_64, 8 cores, 16 threads, avx2 fma

        CUDA 12.2, driver 535.129.03
        CUDA\_VISIBLE\_DEVICES is "0"

        """#)
  }

  @Test func sizes() {
    #expect(sizeText(0) == "0.0 MiB")
    #expect(sizeText(1536 << 10) == "1.5 MiB")
    #expect(sizeText(1 << 30) == "1.0 GiB")
    #expect(sizeText(80 << 30) == "80.0 GiB")
    #expect(sizeText(.max).hasSuffix(" GiB"))
  }
}
