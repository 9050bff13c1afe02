import Glibc
import Synchronization
import NeuralThreads

/// The results of `compute` for 0..<count, in order, computed on as many threads as there are
/// processors.
public func inParallel<Result: Sendable>(
  _ count: Int, _ compute: @escaping @Sendable (Int) -> Result
) -> [Result] {
  let threads = min(count, max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
  // One is a thread of its own too: its stack is deeper than this one's.
  if threads == 0 { return [] }
  let shared = Shared<Result>()
  let finished = Queue<Void>()
  for _ in 0..<threads {
    startThread {
      while true {
        let index = shared.next.wrappingAdd(1, ordering: .relaxed).oldValue
        if index >= count { break }
        let result = compute(index)
        shared.results.withLock { $0[index] = result }
      }
      finished.push(())
    }
  }
  for _ in 0..<threads { _ = finished.pop() }
  return shared.results.withLock { results in (0..<count).compactMap { results[$0] } }
}

private final class Shared<Result: Sendable>: Sendable {
  let next = Atomic<Int>(0)
  let results = Lock<[Int: Result]>([:])
}
