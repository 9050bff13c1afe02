import CPages
import NeuralSchema

/// The files that are compiled into the program.
enum EmbeddedPages {
  static var diagnostics: [(name: String, text: String)] { unsafe read(diagnostic_pages) }

  static var schemas: [(name: String, text: String)] { unsafe read(json_schemas) }

  private static func read(
    _ table: (UnsafeMutablePointer<Int>?) -> UnsafePointer<embedded_page>?
  ) -> [(name: String, text: String)] {
    var count = 0
    let entries = unsafe UnsafeBufferPointer(start: table(&count), count: count)
    var pages: [(name: String, text: String)] = []
    for index in 0..<count {
      let entry = unsafe entries[index]
      let bytes = unsafe UnsafeBufferPointer(start: entry.bytes, count: entry.count)
      pages.append(
        (unsafe String(cString: entry.name), unsafe String(decoding: bytes, as: UTF8.self)))
    }
    return pages
  }
}

extension Verb {
  static let explain = Verb(
    name: "explain", usage: "CODE", summary: "show the page of a diagnostic"
  ) { (arguments) throws(UsageError) in
    try show(arguments, what: "diagnostic", EmbeddedPages.diagnostics)
  }

  static let schema = Verb(
    name: "schema", usage: "NAME", summary: "print a JSON Schema of what is read or written"
  ) { (arguments) throws(UsageError) in
    try show(arguments, what: "schema", EmbeddedPages.schemas)
  }

  private static func show(
    _ arguments: Arguments, what: String, _ pages: [(name: String, text: String)]
  ) throws(UsageError) -> Int32 {
    let name = try arguments.single("a \(what)")
    guard let page = pages.first(where: { $0.name == name }) else {
      let near = nearest(to: name, among: pages.map(\.name)).map { ", but \($0)" }
      throw UsageError(
        "There is no \(what) \(name)"
          + (near ?? "; there are \(pages.map(\.name).joined(separator: ", "))") + ".")
    }
    Terminal.write(page.text)
    return 0
  }
}
