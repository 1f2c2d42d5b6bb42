import RecurTensors
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(Darwin)
  import Darwin
#endif

/// The work of one thread.
struct ParallelTask: Sendable {
  let run: @Sendable () -> Void
}

/// Tasks that threads run at the same time, one task per thread.
final class ParallelStage: Sendable {
  let tasks: [ParallelTask]

  init(_ tasks: [ParallelTask]) { self.tasks = tasks }
}

/// Threads that work together: the calling thread, and other threads that wait for work.
@safe final class ThreadTeam: Sendable {
  /// The number of threads, the calling thread included.
  let count: Int
  private let isTaken = Atomic<Bool>(false)
  private let crew = Crew()
  // Only the run that has taken the team writes this.
  nonisolated(unsafe) private var threads: [BackgroundWork] = []

  init(count: Int) { self.count = count }

  /// Reserves the team until ``release()``.
  ///
  /// - Returns: whether the team was free and the system has enough threads.
  func take() -> Bool {
    guard
      isTaken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    else { return false }
    while unsafe threads.count < count - 1 {
      let number = unsafe threads.count + 1
      let work = { @Sendable [crew] () -> CInt in
        crew.work(number)
        return 0
      }
      guard let thread = BackgroundWork(work) else {
        release()
        return false
      }
      unsafe threads.append(thread)
    }
    return true
  }

  /// Makes the team free again.
  func release() { isTaken.store(false, ordering: .releasing) }

  /// Runs all tasks, the first in the calling thread, and returns when all are done.
  ///
  /// - Precondition: the team is taken, and it has a thread for every task.
  func run(_ stage: ParallelStage) {
    precondition(stage.tasks.count <= count)
    crew.begin(stage, with: count - 1)
    stage.tasks[0].run()
    crew.waitForAll()
  }

  deinit {
    crew.end()
    for thread in unsafe threads { thread.wait() }
  }
}

/// The data shared by the threads of a team.
///
/// Between two stages a thread spins for a moment, then sleeps.
@safe private final class Crew: Sendable {
  /// Counts the stages; a new value tells the threads to begin.
  private let stages = Atomic<Int>(0)
  private let isEnding = Atomic<Bool>(false)
  private let pending = Atomic<Int>(0)
  private let sleepers = Atomic<Int>(0)
  // Written while all threads wait, and read after `stages` has changed.
  nonisolated(unsafe) private var stage: ParallelStage?
  nonisolated(unsafe) private let lock: UnsafeMutablePointer<pthread_mutex_t>
  nonisolated(unsafe) private let wakeUp: UnsafeMutablePointer<pthread_cond_t>

  /// The number of spins before a waiting thread sleeps: some ten microseconds.
  private static let patience = 20_000

  init() {
    unsafe lock = .allocate(capacity: 1)
    unsafe wakeUp = .allocate(capacity: 1)
    unsafe pthread_mutex_init(lock, nil)
    unsafe pthread_cond_init(wakeUp, nil)
  }

  /// Starts the stage on every thread.
  func begin(_ stage: ParallelStage, with threads: Int) {
    unsafe self.stage = stage
    pending.store(threads, ordering: .relaxed)
    signal()
  }

  /// Waits until every thread has finished its task.
  func waitForAll() { spin { pending.load(ordering: .acquiring) == 0 } }

  /// Makes every thread return.
  func end() {
    isEnding.store(true, ordering: .releasing)
    signal()
  }

  private func signal() {
    stages.add(1, ordering: .sequentiallyConsistent)
    guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
    unsafe pthread_mutex_lock(lock)
    unsafe pthread_cond_broadcast(wakeUp)
    unsafe pthread_mutex_unlock(lock)
  }

  /// Runs task `number` of every stage, until ``end()``.
  func work(_ number: Int) {
    var seen = 0
    while true {
      waitForStage(after: seen)
      seen += 1
      if isEnding.load(ordering: .acquiring) { return }
      if let tasks = unsafe stage?.tasks, number < tasks.count { tasks[number].run() }
      pending.subtract(1, ordering: .releasing)
    }
  }

  private func waitForStage(after seen: Int) {
    for _ in 0..<Self.patience where stages.load(ordering: .acquiring) != seen { return }
    unsafe pthread_mutex_lock(lock)
    sleepers.add(1, ordering: .sequentiallyConsistent)
    while stages.load(ordering: .sequentiallyConsistent) == seen {
      unsafe pthread_cond_wait(wakeUp, lock)
    }
    sleepers.subtract(1, ordering: .sequentiallyConsistent)
    unsafe pthread_mutex_unlock(lock)
  }

  deinit {
    unsafe pthread_cond_destroy(wakeUp)
    unsafe pthread_mutex_destroy(lock)
    unsafe wakeUp.deallocate()
    unsafe lock.deallocate()
  }
}

/// A barrier at which the threads of one pass wait for each other.
final class PassBarrier: Sendable {
  private let count: Int
  private let arrivals = Atomic<Int>(0)

  init(count: Int) { self.count = count }

  /// Waits until every thread has called this as often as the current thread.
  func wait() {
    let ticket = arrivals.add(1, ordering: .acquiringAndReleasing).oldValue
    let target = (ticket / count + 1) * count
    spin { arrivals.load(ordering: .acquiring) >= target }
  }
}

/// Spins until `holds` returns true; after a while lets other threads run.
private func spin(until holds: () -> Bool) {
  var looks = 0
  while !holds() {
    looks += 1
    if looks > 4000 { sched_yield() }
  }
}
