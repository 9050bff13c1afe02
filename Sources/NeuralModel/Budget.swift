/// What an analysis may still cost, so that no document can keep it busy: what a network writes
/// out is always paid for, what it repeats comes out of a pool that the whole file shares.
struct Budget: Sendable {
  /// Steps that the text of the network itself pays for.
  private var own = 0
  private var pool: Int
  private(set) var isExhausted = false
  /// All that was taken so far.
  private(set) var spent = 0
  /// Whether the file was told that it is too much.
  var isLimitReported = false
  /// Whether the file was told that something in it is nested too deeply.
  var isDepthReported = false

  /// Steps that one node of the graph costs.
  static let node = 10
  /// Steps for repetitions in one file; about as many nodes as can be checked while one types.
  static let poolSize = 300_000
  /// Layers that the pool is good for, as messages say it.
  static let nodeLimit = poolSize / node

  init() { pool = Budget.poolSize }

  /// Begins a network of that many bytes.
  mutating func begin(bytes: Int) {
    own = 4 * bytes
    isExhausted = false
  }

  /// Takes `steps`; false where nothing is left for them.
  mutating func take(_ steps: Int) -> Bool {
    spent += steps
    own -= steps
    if own < 0 {
      pool += own
      own = 0
      if pool < 0 {
        pool = 0
        isExhausted = true
      }
    }
    return !isExhausted
  }
}
