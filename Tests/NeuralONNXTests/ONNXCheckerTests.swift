import NeuralCodegen
import Testing

@testable import NeuralONNX

@Suite struct ONNXCheckerTests {
  @Test func anAnswerIsReadWithItsEscapes() {
    let text = "opset\t17\nerror\tconv2d_1\ta\\tb\\nc\\\\d\nshape\ty\t1\tbatch,?,3\nend\n"
    let answer = ONNXChecker.answer(in: Array(text.utf8))
    #expect(
      answer
        == ONNXChecker.Answer(
          opset: 17, errors: [.init(node: "conv2d_1", message: "a\tb\nc\\d")],
          shapes: ["y": [.parameter("batch"), .parameter("?"), .value(3)]]))
  }

  @Test(arguments: ["", "opset\t17\n", "opset\t17\nwhat\nend\n", "error\tx\nend\n"])
  func anAnswerThatIsNotWholeIsNone(text: String) {
    #expect(ONNXChecker.answer(in: Array(text.utf8)) == nil)
  }

  @Test func sizesThatAreNotKnownMayBeAny() {
    #expect(ONNXChecker.agree([.parameter("batch"), .value(3)], [.parameter("?"), .value(3)]))
    #expect(!ONNXChecker.agree([.value(3)], [.value(4)]))
    #expect(!ONNXChecker.agree([.parameter("seq")], [.value(4)]))
    #expect(!ONNXChecker.agree([.value(3)], [.value(3), .value(1)]))
  }

  @Test func theFirstFindingOfTheGraphIsItsCause() {
    let later = ONNXChecker.Finding(node: "c", message: "does not fit")
    let answer = ONNXChecker.Answer(
      errors: [later], shapes: ["a": [.value(1)], "b": [.value(3), .value(2)]])
    let shapes: [String: [ONNXSize]] = ["a": [.value(1)], "b": [.value(2), .value(3)]]
    let order = ["a", "b", "c"]
    #expect(
      ONNXChecker.first(of: answer, order, shapes) == [
        .init(node: "b", message: "libonnx infers (3, 2) where our rules say (2, 3)")
      ])
    #expect(ONNXChecker.first(of: answer, order.reversed(), shapes) == [later])
    #expect(ONNXChecker.first(of: answer, order, [:]) == [later])
  }

  @Test func aMissingHelperSaysWhatToInstall() {
    #expect(throws: ONNXChecker.Failure.self) {
      try ONNXChecker(executable: "/nowhere/neural-onnx", timeout: .seconds(1))
    }
    do {
      _ = try ONNXChecker(executable: "/nowhere/neural-onnx", timeout: .seconds(1))
    } catch {
      #expect(error.message.contains("install libonnx-dev and libprotobuf-dev"))
    }
  }

  @Test func aHelperIsReadUntilItEndsAndEndedWhenItIsLate() {
    let echo = HelperRun.run("/bin/cat", input: Array("seen".utf8), timeout: .seconds(20))
    #expect(String(decoding: echo.output, as: UTF8.self) == "seen")
    #expect(echo.ending == "it ended with status 0")
    let late = HelperRun.run("/usr/bin/yes", input: [], timeout: .milliseconds(50))
    #expect(late.ending == "it took longer than 0.05 seconds")
    let none = HelperRun.run("/nowhere", input: [], timeout: .seconds(1))
    #expect(none.output.isEmpty)
  }
}
