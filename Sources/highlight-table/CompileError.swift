/// What is wrong in a file that the table is made from.
struct CompileError: Error, Equatable {
  /// From 1; absent where it is the whole file.
  var line: Int?
  var message: String

  init(line: Int? = nil, _ message: String) {
    self.line = line
    self.message = message
  }
}
