// The helper that asks libonnx, so that what crashes in it ends this process and not the server.
//
// It reads one model from standard input, up to its end: the bytes of a `ModelProto`. It answers on
// standard output in lines of fields that tabs part; in a field `\t`, `\n` and `\\` stand for a tab, a line
// break and a backslash:
//
//     opset   NEWEST                         the newest operators that libonnx knows
//     error   NODE    MESSAGE                what it refuses; NODE is empty where it is no node's
//     shape   TENSOR  TYPE    SIZE[,SIZE…]   a shape that it infers: numbers, names, or ? for neither
//     end
//
// Without the last line the answer is not whole: something ended the process.

import COnnx
import Glibc

func field(_ text: UnsafePointer<CChar>?) -> String {
  guard let text = unsafe text else { return "" }
  return unsafe String(cString: text).replacing("\\", with: "\\\\").replacing("\t", with: "\\t")
    .replacing("\n", with: "\\n")
}

func put(_ text: String, on descriptor: Int32) {
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let count = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    // Whoever asked is gone.
    if count <= 0 { exit(1) }
    rest = rest.dropFirst(count)
  }
}

func say(_ fields: String...) { put(fields.joined(separator: "\t") + "\n", on: 1) }

if CommandLine.arguments.count > 1 {
  put("neural-onnx: reads an ONNX model on standard input; neural-lsp runs it\n", on: 2)
  exit(2)
}
var model: [UInt8] = []
var piece = [UInt8](repeating: 0, count: 1 << 16)
while true {
  let count = unsafe piece.withUnsafeMutableBytes { unsafe read(0, $0.baseAddress, $0.count) }
  if count <= 0 { break }
  model += piece[..<count]
}
say("opset", String(connx_newest_opset()))
unsafe connx_check(
  model, model.count,
  connx_observer(
    context: nil,
    error: { _, node, message in unsafe say("error", field(node), field(message)) },
    shape: { _, tensor, type, rank, sizes, symbols in
      var entries: [String] = []
      for axis in 0..<rank {
        let size = unsafe sizes?[axis] ?? -1
        let symbol = unsafe field(symbols?[axis])
        entries.append(size >= 0 ? String(size) : symbol.isEmpty ? "?" : symbol)
      }
      unsafe say("shape", field(tensor), String(type), entries.joined(separator: ","))
    }))
say("end")
