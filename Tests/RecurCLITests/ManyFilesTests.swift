import Foundation
import RecurContainers
import RecurTestSupport
import Testing

@Suite("validate of lists of files, in parts, by several threads, with settings")
struct ManyFilesTests {
  func copy(_ fixture: String, to name: String, in folder: URL) throws {
    let target = folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    try? FileManager.default.removeItem(at: target)
    try FileManager.default.copyItem(at: URL(filePath: TestData.path(fixture)), to: target)
  }

  func write(_ text: String, to name: String, in folder: URL) throws {
    try Data(text.utf8).write(to: folder.appending(path: name))
  }

  /// Sound models, one with a warning, and two that fail, under `m`.
  func models(in folder: URL) throws {
    try copy("keras3/lstm_last.h5", to: "m/a.h5", in: folder)
    try copy("broken/bias_missing.h5", to: "m/b.h5", in: folder)
    try copy("broken/extra_dataset.h5", to: "m/c.h5", in: folder)
    try copy("keras3/lstm_last.keras", to: "m/old/d.keras", in: folder)
    try write("not a model", to: "m/old/e.h5", in: folder)
    try copy("keras3/lstm_stacked_dense.h5", to: "m/f.old.h5", in: folder)
  }

  func results(_ output: String) throws -> [JSONValue] {
    try output.split(separator: "\n").map { try JSONSchema.parse(String($0)) }
      .filter { $0["type"]?.string == "result" }
  }

  func files(_ output: String) throws -> [String] {
    try results(output).compactMap { $0["file"]?.string }
  }

  @Test("a list is judged as arguments are, from standard input or a file, with lines or NULs")
  func lists() throws {
    try TestData.withFolder { folder in
      try models(in: folder)
      let paths = ["m/a.h5", "m/b.h5", "m/old/e.h5", "m/a.h5", "nowhere.h5"]
      try write(paths.joined(separator: "\n") + "\n\n", to: "lines", in: folder)
      try write(paths.joined(separator: "\0"), to: "nulls", in: folder)
      let lines = try Tool.shell("recur validate - < lines", in: folder)
      #expect(lines.status == 2)
      #expect(
        lines.output.split(separator: "\n").map { $0.prefix { $0 != ":" } } == [
          "PASS m/a.h5", "FAIL m/b.h5", "FAIL m/old/e.h5", "PASS m/a.h5", "FAIL nowhere.h5",
          "5 files",
        ])
      for command in [
        "recur validate --files-from lines", "recur validate --files-from nulls --null",
        "cat nulls | recur validate - -0", "recur validate --files-from - < lines",
      ] {
        let other = try Tool.shell(command, in: folder)
        #expect(other.output == lines.output, "\(command)")
        #expect(other.errors == lines.errors, "\(command)")
        #expect(other.status == 2)
      }
      // Nothing to judge is no error in a list: nothing was changed.
      let nothing = try Tool.shell("recur validate - < /dev/null", in: folder)
      #expect(nothing.status == 0)
      #expect(nothing.output == "0 files: 0 passed, 0 failed\n")
      #expect(try Tool.shell("recur validate --files-from no", in: folder).status == 2)
      for wrong in ["validate", "validate - --files-from -", "validate m -0"] {
        #expect(try Tool.run(wrong.split(separator: " ").map(String.init), in: folder).status == 64)
      }
      // A name that is no text, and one that is far too long, are results of their own.
      let odd = try Tool.shell(
        """
        { printf 'm/a.h5\\nm/caf\\351.h5\\n'; head -c 200000 /dev/zero | tr '\\0' x
          printf '\\nm/a.h5'; } | recur validate - --format ndjson
        """, in: folder)
      #expect(odd.status == 2)
      #expect(try results(odd.output).map { $0["status"]?.integer } == [0, 2, 2, 0])
      #expect(odd.output.contains("it is entry 2 of standard input"))
      #expect(odd.output.contains("longer than 65536 bytes"))
      // A report does not replace a file of the list.
      let guarded = try Tool.shell(
        "echo m/a.h5 | recur validate - --report json=m/a.h5", in: folder)
      #expect(guarded.status == 2)
      #expect(guarded.errors.contains("file.exists"))
    }
  }

  @Test("several threads print what one prints, in the same order") func jobs() throws {
    try TestData.withFolder { folder in
      try models(in: folder)
      let names = ["a.h5", "b.h5", "c.h5", "old/d.keras", "old/e.h5"]
      let paths = (0..<60).map { "m/" + names[$0 * 7 % 5] }
      try write(paths.joined(separator: "\n"), to: "lines", in: folder)
      // The list has the warning of c.h5 many times and the baseline has it twice.
      let known =
        "{\"recur_baseline\":1,\"findings\":[{\"code\":\"tensor.unused\",\"file\":\"m/c.h5\","
        + "\"object\":\"/model_weights/lstm/forgotten\",\"count\":2}]}"
      try write(known, to: "known.json", in: folder)
      for options in [
        "", "--strict --baseline known.json", "--format json", "--report junit=r.xml",
      ] {
        let one = try Tool.shell("recur validate - -j 1 \(options) < lines", in: folder)
        let many = try Tool.shell("recur validate - --jobs 5 \(options) < lines", in: folder)
        #expect(one.output == many.output, "\(options)")
        #expect(one.errors == many.errors, "\(options)")
        #expect(one.status == many.status)
        #expect(one.output.contains("m/c.h5"))
      }
      let strict = try Tool.shell(
        "recur validate - -j 4 --strict --baseline known.json < lines", in: folder)
      #expect(strict.output.split(separator: "\n").count { $0.hasPrefix("PASS m/c.h5") } == 2)
      #expect(strict.output.split(separator: "\n").count { $0.hasPrefix("FAIL m/c.h5") } == 10)
      #expect(try Tool.run(["validate", "m", "--jobs", "0"], in: folder).status == 64)
    }
  }

  @Test("each result has its digest, its seconds and a schema version") func records() throws {
    try TestData.withFolder { folder in
      try models(in: folder)
      try copy("keras3/lstm_last.golden.npz", to: "m/a.golden.npz", in: folder)
      let result = try Tool.shell(
        "recur validate m/a.h5 nowhere.h5 --goldens --format ndjson; sha256sum m/a.h5 m/a.golden.npz",
        in: folder)
      let lines = try results(
        result.output.components(separatedBy: "\n").filter { $0.hasPrefix("{") }.joined(
          separator: "\n"))
      let sums = result.output.split(separator: "\n").suffix(2).map { String($0.prefix(64)) }
      #expect(lines.count == 2)
      #expect(lines[0]["digest"]?.string == sums[0])
      #expect(lines[0]["inputs"]?.array?.first?["file"]?.string == "m/a.golden.npz")
      #expect(lines[0]["inputs"]?.array?.first?["digest"]?.string == sums[1])
      #expect(lines[1]["digest"]?.isNull == true)
      for line in lines {
        #expect(line["schema_version"]?.integer == 1)
        let seconds = try #require(line["seconds"]?.double)
        #expect(seconds > 0 && seconds < 60)
        #expect(line["settings"]?.string?.count == 16)
      }
      // Reports that are the same in every run have none of that.
      #expect(
        try !Tool.run(["validate", "m", "--format", "json"], in: folder).output.contains("seconds"))
    }
  }

  @Test("patterns leave files out, also named ones, and take what matches") func patterns() throws {
    try TestData.withFolder { folder in
      try models(in: folder)
      func judged(_ arguments: String) throws -> [String] {
        try files(Tool.shell("recur validate \(arguments) --format ndjson", in: folder).output)
      }
      #expect(try judged("m").count == 6)
      #expect(try judged("m --exclude old") == ["m/a.h5", "m/b.h5", "m/c.h5", "m/f.old.h5"])
      #expect(try judged("m --exclude 'm/**/e.h5' --exclude '*.old.h5'").count == 4)
      #expect(try judged("m --exclude '/old/'").count == 6)
      #expect(
        try judged("m --exclude 'm/[a-c].h5' --exclude 'm/old/?.h5'") == [
          "m/f.old.h5", "m/old/d.keras",
        ])
      #expect(try judged("m/a.h5 m/b.h5 --exclude b.h5") == ["m/a.h5"])
      #expect(
        try judged("'m/**/*.h5'") == ["m/a.h5", "m/b.h5", "m/c.h5", "m/f.old.h5", "m/old/e.h5"])
      #expect(try judged("'m/*.h5'") == ["m/a.h5", "m/b.h5", "m/c.h5", "m/f.old.h5"])
      #expect(try judged("'m/**/*.h5' --exclude 'm/[!a]*'") == ["m/a.h5"])
      let text = try Tool.run(["validate", "m", "--exclude", "old"], in: folder)
      #expect(text.output.hasSuffix("1 excluded\n"))
      let none = try Tool.run(["validate", "m/*.pt", "m/a.h5"], in: folder)
      #expect(none.status == 2)
      #expect(none.errors.contains("there is no checkpoint in 'm/*.pt'"))
      #expect(try Tool.run(["validate", "m", "--exclude", "[a"], in: folder).status == 64)
      let listed = try Tool.shell(
        "printf 'm/a.h5\\nm/old\\n' | recur validate - --exclude old", in: folder)
      #expect(listed.status == 0)
      #expect(listed.output.hasSuffix("1 file: 1 passed, 0 failed, 1 excluded\n"))
    }
  }

  @Test("parts of all files have every file once, whatever else there is") func shards() throws {
    try TestData.withFolder { folder in
      try models(in: folder)
      var all: [String] = []
      for part in 1...3 {
        let result = try Tool.run(
          ["validate", "m", "--shard", "\(part)/3", "--format", "ndjson"], in: folder)
        let own = try files(result.output)
        let alone =
          try own.isEmpty
          ? []
          : files(
            Tool.run(
              ["validate"] + own + ["--shard", "\(part)/3", "--format", "ndjson"], in: folder
            ).output)
        #expect(alone == own)
        #expect(own.count < 6)
        all += own
      }
      #expect(
        all.sorted()
          == (try files(Tool.run(["validate", "m", "--format", "ndjson"], in: folder).output))
          .sorted())
      for wrong in ["0/3", "4/3", "2", "a/b"] {
        #expect(try Tool.run(["validate", "m", "--shard", wrong], in: folder).status == 64)
      }
    }
  }

  @Test("a file that is as it was is not judged again; one that changed is, and so is a cut line")
  func resume() throws {
    try TestData.withFolder { folder in
      try models(in: folder)
      try copy("keras3/lstm_last.golden.npz", to: "m/a.golden.npz", in: folder)
      func run(_ options: String) throws -> Tool.Result {
        try Tool.shell("recur validate m --goldens --format ndjson \(options)", in: folder)
      }
      let first = try run("> old.ndjson; cat old.ndjson")
      let again = try run("--resume old.ndjson")
      #expect(again.status == 2)
      let old = first.output.split(separator: "\n")
      let new = again.output.split(separator: "\n")
      // What can't be opened has no digest; all others are repeated to the letter, with their seconds.
      #expect(new.dropLast() == old.dropLast())
      #expect(new.last?.contains("\"resumed\":6,") == true)
      #expect(new.last?.contains("\"compared\":1,") == true)
      #expect(new.last?.contains("\"failed\":2,") == true)
      try copy("keras3/lstm_unroll_implementation1.golden.npz", to: "m/a.golden.npz", in: folder)
      try copy("keras3/lstm_last.h5", to: "m/b.h5", in: folder)
      let changed = try run("--resume old.ndjson")
      #expect(changed.output.contains("\"resumed\":4,"))
      #expect(changed.output.contains("verify.mismatch"))
      #expect(
        try results(changed.output).map { $0["verdict"]?.string } == [
          "FAIL", "PASS", "PASS", "PASS", "PASS", "FAIL",
        ])
      // Other options judge by something else.
      #expect(try run("--resume old.ndjson --strict").output.contains("\"resumed\":0,"))
      #expect(try run("--resume old.ndjson --atol 9").output.contains("\"resumed\":0,"))
      // A run that was stopped while it wrote.
      let cut = try run(
        "> cut.ndjson; head -c $(($(wc -c < old.ndjson) - 400)) old.ndjson > cut.ndjson; recur validate m --goldens --format ndjson --resume cut.ndjson"
      )
      #expect(try results(cut.output).count == 6)
      #expect(cut.output.contains("\"resumed\":3,"))
      try write("{}\n", to: "other", in: folder)
      let other = try run("--resume other")
      #expect(other.status == 2)
      #expect(other.output.contains("fleet.resume-invalid"))
      try write("", to: "empty", in: folder)
      #expect(try run("--resume empty").output.contains("\"resumed\":0,"))
      #expect(try Tool.run(["validate", "m", "--resume", "old.ndjson"], in: folder).status == 64)
    }
  }

  @Test("a pipeline ends with 0, and the results say what failed") func exitZeroAll() throws {
    try TestData.withFolder { folder in
      try models(in: folder)
      let result = try Tool.run(
        ["validate", "m", "--exit-zero-all", "--format", "ndjson"], in: folder)
      #expect(result.status == 0)
      #expect(try results(result.output).map { $0["status"]?.integer } == [0, 1, 0, 0, 0, 2])
      #expect(try Tool.run(["validate", "none.h5", "--exit-zero-all"], in: folder).status == 0)
      #expect(try Tool.run(["validate", "m", "--exit-zero"], in: folder).status == 2)
      // Output that nobody can read is no result.
      let full = try Tool.shell("recur validate m --exit-zero-all > /dev/full", in: folder)
      #expect(full.status == 2)
    }
  }

  @Test("a baseline accepts files that can't be read; new ones fail, repaired ones are named")
  func brokenBaseline() throws {
    try TestData.withFolder { folder in
      try copy("keras3/lstm_last.h5", to: "m/good.h5", in: folder)
      for index in 0..<30 {
        let name = "m/broken\(index).h5"
        if index % 2 == 0 {
          try copy("broken/bias_missing.h5", to: name, in: folder)
        } else {
          try write("no model", to: name, in: folder)
        }
      }
      #expect(try Tool.run(["validate", "m"], in: folder).status == 2)
      let written = try Tool.run(["validate", "m", "--write-baseline", "known.json"], in: folder)
      #expect(written.status == 0)
      let known = try Tool.run(["validate", "m", "--baseline", "known.json"], in: folder)
      #expect(known.status == 0)
      #expect(known.errors.isEmpty)
      #expect(known.output.hasSuffix("31 files: 1 passed, 0 failed, 30 as the baseline knows\n"))
      #expect(known.output.contains("KNOWN m/broken0.h5\n"))
      let single = try Tool.run(
        ["validate", "m/broken1.h5", "--baseline", "known.json"], in: folder)
      #expect(single.status == 0)
      #expect(single.output.hasSuffix("KNOWN\n"))
      try write("no model", to: "m/new.h5", in: folder)
      try copy("keras3/lstm_last.h5", to: "m/broken0.h5", in: folder)
      let changed = try Tool.run(["validate", "m", "--baseline", "known.json"], in: folder)
      #expect(changed.status == 2)
      #expect(changed.output.contains("FAIL m/new.h5\n"))
      #expect(
        changed.errors.contains("note[baseline.stale]: 1 finding of the baseline was not found"))
      #expect(changed.errors.contains("tensor.missing in m/broken0.h5"))
      // A file that breaks in another way is new.
      try copy("broken/json_broken.h5", to: "m/broken2.h5", in: folder)
      let other = try Tool.run(
        ["validate", "m/broken2.h5", "m/good.h5", "--baseline", "known.json"], in: folder)
      #expect(other.status == 2)
      #expect(other.errors.contains("json.syntax"))
      // Other commands do what they are asked for, or fail.
      let convert = try Tool.run(
        ["convert", "m/broken1.h5", "x.pt", "--baseline", "known.json"], in: folder)
      #expect(convert.status == 2)
    }
  }
}
