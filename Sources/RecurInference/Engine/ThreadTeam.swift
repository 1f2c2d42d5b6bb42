import RecurTensors
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What one thread does.
struct ParallelTask: Sendable {
  let run: @Sendable () -> Void
}

/// Work that threads do at the same time, a task each.
final class ParallelStage: Sendable {
  let tasks: [ParallelTask]

  init(_ tasks: [ParallelTask]) { self.tasks = tasks }
}

/// Threads that work together: the one that calls, and others that wait for it.
@safe final class ThreadTeam: Sendable {
  /// All threads, the caller's included.
  let count: Int
  private let isTaken = Atomic<Bool>(false)
  private let crew = Crew()
  // Only who has taken the team writes here.
  nonisolated(unsafe) private var threads: [BackgroundWork] = []

  init(count: Int) { self.count = count }

  /// Reserves the team; nobody else gets it before ``release()``.
  ///
  /// - Returns: whether it was free, and the system has enough threads.
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

  /// Gives the team back.
  func release() { isTaken.store(false, ordering: .releasing) }

  /// Does all tasks, the first in the calling thread, and returns when the last is done.
  ///
  /// - Precondition: the team is taken, and there is a thread for every task.
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

/// What the threads of a team share: between two stages they spin for a moment and then sleep.
@safe private final class Crew: Sendable {
  /// Counts the stages; a change is the sign to begin.
  private let stages = Atomic<Int>(0)
  private let isEnding = Atomic<Bool>(false)
  private let pending = Atomic<Int>(0)
  private let sleepers = Atomic<Int>(0)
  // Written while all threads wait, and read after `stages` has changed.
  nonisolated(unsafe) private var stage: ParallelStage?
  nonisolated(unsafe) private let lock: UnsafeMutablePointer<pthread_mutex_t>
  nonisolated(unsafe) private let wakeUp: UnsafeMutablePointer<pthread_cond_t>

  /// How often a waiting thread looks before it sleeps: some ten microseconds.
  private static let patience = 20_000

  init() {
    unsafe lock = .allocate(capacity: 1)
    unsafe wakeUp = .allocate(capacity: 1)
    unsafe pthread_mutex_init(lock, nil)
    unsafe pthread_cond_init(wakeUp, nil)
  }

  /// Gives every thread its task.
  func begin(_ stage: ParallelStage, with threads: Int) {
    unsafe self.stage = stage
    pending.store(threads, ordering: .relaxed)
    signal()
  }

  /// Waits until every thread has done its task.
  func waitForAll() { spin { pending.load(ordering: .acquiring) == 0 } }

  /// Lets every thread return.
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

  /// Does the task `number` of every stage, until ``end()``.
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

/// Where the threads of one pass wait for each other.
final class PassBarrier: Sendable {
  private let count: Int
  private let arrivals = Atomic<Int>(0)

  init(count: Int) { self.count = count }

  /// Waits until every thread has come here as often as this one.
  func wait() {
    let ticket = arrivals.add(1, ordering: .acquiringAndReleasing).oldValue
    let target = (ticket / count + 1) * count
    spin { arrivals.load(ordering: .acquiring) >= target }
  }
}

/// Looks until something holds; lets other threads run when that takes long.
private func spin(until holds: () -> Bool) {
  var looks = 0
  while !holds() {
    looks += 1
    if looks > 4000 { sched_yield() }
  }
}
