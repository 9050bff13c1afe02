// Unchecked sendability, as in NeuralThreads and nowhere else: the standard library has no lock that a
// thread can wait on until something arrives.

import Glibc

/// A queue that threads put elements into and wait for elements from.
@safe final class Queue<Element: Sendable>: @unchecked Sendable {
  // Both at a fixed address, as the C library demands.
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private let arrival: UnsafeMutablePointer<pthread_cond_t>
  private var elements: [Element] = []
  private var taken = 0
  private var isClosed = false

  init() {
    unsafe lock = .allocate(capacity: 1)
    unsafe arrival = .allocate(capacity: 1)
    unsafe pthread_mutex_init(lock, nil)
    var attributes = pthread_condattr_t()
    unsafe pthread_condattr_init(&attributes)
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    unsafe pthread_cond_init(arrival, &attributes)
    unsafe pthread_condattr_destroy(&attributes)
  }

  deinit {
    unsafe pthread_cond_destroy(arrival)
    unsafe pthread_mutex_destroy(lock)
    unsafe arrival.deallocate()
    unsafe lock.deallocate()
  }

  /// Does nothing once the queue is closed.
  func push(_ element: Element) {
    unsafe pthread_mutex_lock(lock)
    if !isClosed { elements.append(element) }
    unsafe pthread_cond_signal(arrival)
    unsafe pthread_mutex_unlock(lock)
  }

  /// Nothing more gets in; what is in can still be taken.
  func close() {
    unsafe pthread_mutex_lock(lock)
    isClosed = true
    unsafe pthread_cond_broadcast(arrival)
    unsafe pthread_mutex_unlock(lock)
  }

  /// The oldest element; absent once the queue is closed and empty.
  func pop() -> Element? {
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    while taken == elements.count {
      if isClosed { return nil }
      unsafe pthread_cond_wait(arrival, lock)
    }
    let element = elements[taken]
    taken += 1
    if taken == elements.count {
      elements.removeAll(keepingCapacity: true)
      taken = 0
    } else if taken > 1024, taken > elements.count / 2 {
      elements.removeFirst(taken)
      taken = 0
    }
    return element
  }

  enum Batch {
    case elements([Element])
    case timeout
    case closed
  }

  /// Everything that is there, in order; waits for something, at most so many milliseconds.
  func popAll(milliseconds: Int? = nil) -> Batch {
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    var deadline = timespec()
    if let milliseconds {
      unsafe clock_gettime(CLOCK_MONOTONIC, &deadline)
      deadline.tv_nsec += milliseconds % 1000 * 1_000_000
      deadline.tv_sec += milliseconds / 1000 + deadline.tv_nsec / 1_000_000_000
      deadline.tv_nsec %= 1_000_000_000
    }
    while taken == elements.count {
      if isClosed { return .closed }
      if milliseconds != nil {
        if unsafe pthread_cond_timedwait(arrival, lock, &deadline) == ETIMEDOUT { return .timeout }
      } else {
        unsafe pthread_cond_wait(arrival, lock)
      }
    }
    let batch = taken == 0 ? elements : Array(elements[taken...])
    elements = []
    taken = 0
    return .elements(batch)
  }
}

/// Runs `body` on a thread of its own with a stack that deep recursion does not fill.
func startThread(_ body: @escaping @Sendable () -> Void) {
  final class Start: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var attributes = pthread_attr_t()
  unsafe pthread_attr_init(&attributes)
  // Address space, not memory: pages are used when they are touched.
  unsafe pthread_attr_setstacksize(&attributes, 64 << 20)
  unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  var thread = pthread_t()
  let start = unsafe Unmanaged.passRetained(Start(body))
  let status = unsafe pthread_create(
    &thread, &attributes,
    { argument in
      guard let argument = unsafe argument else { return nil }
      unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
      return nil
    }, start.toOpaque())
  unsafe pthread_attr_destroy(&attributes)
  if status != 0 {
    Descriptor.log("The system gives no more threads.")
    exit(1)
  }
}
