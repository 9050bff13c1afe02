/// Threads that run jobs in the order in which they are given, each on the next free thread.
struct Pool: Sendable {
  private let jobs = Queue<@Sendable () -> Void>()

  init(threads: Int) {
    let jobs = jobs
    for _ in 0..<threads {
      startThread { while let job = jobs.pop() { job() } }
    }
  }

  func run(_ job: @escaping @Sendable () -> Void) { jobs.push(job) }

  /// The threads end when the jobs that are there are done.
  func close() { jobs.close() }
}
