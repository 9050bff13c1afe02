import NeuralServer
import Testing

/// All frames of a stream, fed whole or in pieces.
private func frames(_ stream: String, pieces size: Int? = nil) -> [FrameReader.Frame] {
  var reader = FrameReader()
  var frames: [FrameReader.Frame] = []
  var rest = Array(stream.utf8)[...]
  while !rest.isEmpty {
    reader.append(rest.prefix(size ?? rest.count))
    rest = rest.dropFirst(size ?? rest.count)
    while let frame = reader.next() { frames.append(frame) }
  }
  return frames
}

private func message(_ text: String) -> FrameReader.Frame { .message(Array(text.utf8)) }

@Suite struct FrameReaderTests {
  @Test(arguments: [
    "Content-Length: 2\r\n\r\n{}", "content-length:2\r\n\r\n{}", "CONTENT-LENGTH:   2  \r\n\r\n{}",
    "Content-Length: 2\n\n{}", "Content-Length: 2\r\n\n{}",
    "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}",
    "Content-Length: 2\r\nContent-Type: x\r\nX-Other: 1\r\n\r\n{}",
    "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", "\r\n\r\nContent-Length: 2\r\n\r\n{}",
    "\nContent-Length: 002\r\n\r\n{}", "no header\r\nContent-Length: 2\r\n\r\n{}",
  ])
  func reads(stream: String) {
    #expect(frames(stream) == [message("{}")])
    #expect(frames(stream, pieces: 1) == [message("{}")])
    #expect(frames(stream + stream, pieces: 7) == [message("{}"), message("{}")])
  }

  @Test(arguments: [
    "Content-Length: -2\r\n\r\n{}", "Content-Length: x\r\n\r\n{}", "Content-Length: \r\n\r\n{}",
    "Content-Length: 2.0\r\n\r\n{}", "Content-Length: 99999999999\r\n\r\n{}",
    "Content-Length: 99999999999999999999999999\r\n\r\n{}", "Content-Length: 268435457\r\n\r\n{}",
    "Content-Type: x\r\n\r\n{}", "{}\r\n\r\n", "X: 1\r\nContent-Length: 99999999999\r\n\r\n{}",
  ])
  func reportsAndRecovers(bad: String) {
    for size in [1, 3, 4096] {
      let found = frames(bad + "Content-Length: 4\r\n\r\nnull", pieces: size)
      #expect(found.count == 2, "\(bad) in pieces of \(size): \(found)")
      if case .problem = found.first {} else { Issue.record("no problem reported") }
      #expect(found.last == message("null"))
    }
  }

  @Test func differentLengthsAreReportedAndTheLastHolds() {
    let found = frames("Content-Length: 5\r\nContent-Length: 2\r\n\r\n{}")
    #expect(found.count == 2)
    #expect(found.last == message("{}"))
  }

  @Test func emptyMessages() {
    #expect(
      frames("Content-Length: 0\r\n\r\nContent-Length: 1\r\n\r\n1") == [message(""), message("1")])
  }

  @Test func endlessHeadersAreGivenUp() {
    let found = frames(
      String(repeating: "x", count: 1 << 20) + "\r\nContent-Length: 1\r\n\r\n1", pieces: 4096)
    #expect(found.count == 2)
    #expect(found.last == message("1"))
  }

  @Test func aTextThatSpeaksOfHeadersIsNoHeader() {
    let text = #"{"text":"Content-Length: 5\r\n\r\n"}"#
    #expect(frames("Bad: 1\r\n\r\n" + text + "Content-Length: 1\r\n\r\n1").last == message("1"))
    #expect(frames("Bad: 1\r\n\r\n" + text + "Content-Length: 1\r\n\r\n1").count == 2)
  }

  @Test func manySmallMessages() {
    let stream = String(repeating: "Content-Length: 2\r\n\r\n{}", count: 10_000)
    #expect(frames(stream).count == 10_000)
    #expect(frames(stream, pieces: 1000).count == 10_000)
  }
}
