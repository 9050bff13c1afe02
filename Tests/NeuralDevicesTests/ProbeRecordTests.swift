import Testing

@testable import NeuralDevices

@Suite struct ProbeRecordTests {
  static let all: [ProbeRecord] = [
    .visibleDevices(""), .visibleDevices("0, 1"), .lookedFor("/a path/with %/libcuda.so"),
    .calling("cuInit"), .unavailable("a\nreason"), .failed("\u{e9}"), .cudaVersion("12.2"),
    .driverVersion("535.129.03"), .device(Reports.device(3, "A\tname\r\n with 100 %20")),
    .note(" "),
    .cudaDone, .freeMemory(ordinal: 1, .max), .end,
  ]

  @Test func roundTrip() {
    for record in Self.all {
      // Free memory comes in a record of its own.
      var expected = record
      if case .device(var device) = record {
        device.memory.free = nil
        expected = .device(device)
      }
      #expect(ProbeRecord(line: record.line.dropLast()) == expected)
      #expect(record.line.count { $0 == 0x0a } == 1)
    }
    #expect(ProbeRecord.all(in: Self.all.flatMap(\.line)).count == Self.all.count)
  }

  @Test func anythingElseIsLeftOut() {
    #expect(
      ProbeRecord.all(in: Array("hello\nend now\nfree 1\nfree x 1\ncuda %4\ncuda 1".utf8)) == [])
    #expect(ProbeRecord.all(in: []) == [])
    #expect(ProbeRecord.all(in: Array("\n\n\nend\n".utf8)) == [.end])
    #expect(ProbeRecord.all(in: [0xff, 0xfe, 0x0a, 0x00, 0x0a]) == [])
  }

  /// Wherever the helper stops, what it told stands and the report says how it stopped.
  @Test func everyPlaceToStop() {
    let whole: [ProbeRecord] = [
      .lookedFor("libcuda.so.1"), .calling("cuInit"), .calling("cuDeviceGetCount"),
      .device(Reports.device(0, "A")), .cudaDone, .calling("nvmlInit"), .driverVersion("535"),
      .freeMemory(ordinal: 0, 7), .end,
    ]
    let bytes = whole.flatMap(\.line)
    for count in 0..<bytes.count {
      let records = ProbeRecord.all(in: Array(bytes[..<count]))
      let report = CUDAReport(records: records, outcome: .signalled(11), timeout: .seconds(2))
      if records.contains(.cudaDone) {
        #expect(report.status.word == "available")
        #expect(report.devices.count == 1)
        #expect(report.message?.contains("SIGSEGV") == true)
      } else {
        #expect(report.status.word == "crash")
        #expect(report.devices.isEmpty)
      }
    }
  }

  @Test func timesInWords() {
    for (timeout, words) in [
      (Duration.seconds(2), "2 s"), (.milliseconds(250), "250 ms"),
      (.milliseconds(1050), "1.050 s"),
    ] {
      let report = CUDAReport(records: [], outcome: .timedOut, timeout: timeout)
      #expect(report.message == "the CUDA driver did not answer within \(words) (no call)")
    }
  }
}
