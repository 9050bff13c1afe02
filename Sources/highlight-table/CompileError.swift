/// What is wrong in a file that the table is made from.
struct CompileError: Error, Equatable {
  /// From 1.
  var line: Int
  var message: String
}
