import Foundation
import RecurContainers
import RecurTestSupport
import Testing

extension ManyFilesTests {
  @Test("recur.toml says once what a repository wants") func settings() throws {
    try TestData.withFolder { folder in
      try models(in: folder)
      try copy("keras3/lstm_last.golden.npz", to: "goldens/a.npz", in: folder)
      try copy("keras3/lstm_unroll_implementation1.golden.npz", to: "goldens/wrong.npz", in: folder)
      try write(
        """
        # what is judged
        exclude = ["m/old/**", "b.h5"]
        [[files]]
        path = "m/*.h5"
        ignore = ["tensor.unused"]
        [[files]]
        path = ["m/a.h5"]
        golden = "goldens/{stem}.npz"
        """, to: "recur.toml", in: folder)
      let result = try Tool.run(["validate", "m", "--strict"], in: folder)
      #expect(result.status == 0)
      #expect(
        result.output.contains(
          "PASS m/a.h5: keras-h5, Keras 3.15.1, 1 layer with weights, 128 parameters, 3 of 3 tensors, 1 of 1 output as recorded\n"
        ))
      #expect(result.output.contains("not shown: 1 finding ignored\n"))
      #expect(result.output.hasSuffix("3 files: 3 passed, 0 failed, 2 excluded, with recur.toml\n"))
      #expect(try Tool.run(["validate", "m", "--no-config"], in: folder).status == 2)
      #expect(
        try Tool.run(["validate", "m/a.h5"], in: folder).output.contains("as recorded") == false)
      try write(
        "[[files]]\npath = \"a.h5\"\ngolden = \"goldens/wrong.npz\"\n", to: "other.toml", in: folder
      )
      #expect(
        try Tool.run(["validate", "m/a.h5", "--config", "other.toml"], in: folder).status == 1)
      try write(
        "[[files]]\npath = \"a.h5\"\ngolden = \"goldens/wrong.npz\"\natol = 5\n", to: "other.toml",
        in: folder)
      #expect(
        try Tool.run(["validate", "m/a.h5", "--config", "other.toml"], in: folder).status == 0)
      try write("[[files]]\npath = \"a.h5\"\ngolden = \"gone.npz\"\n", to: "other.toml", in: folder)
      #expect(
        try Tool.run(["validate", "m/a.h5", "--config", "other.toml"], in: folder).status == 2)
      for (text, code) in [
        ("goldens = 1", "config.invalid"), ("golden = true", "config.invalid"),
        ("[[files]]\natol = 1", "config.invalid"), ("ignore = [\"no.code\"]", "config.invalid"),
        ("[[files]]\npath = \"a\"\nunits = 3", "config.invalid"), ("exclude = [", "toml.syntax"),
        ("a = 1979-05-27", "toml.syntax"), ("exclude = \"a\"\nexclude = \"b\"", "toml.syntax"),
      ] {
        try write(text, to: "wrong.toml", in: folder)
        let wrong = try Tool.run(["validate", "m/a.h5", "--config", "wrong.toml"], in: folder)
        #expect(wrong.status == 2, "\(text)")
        #expect(wrong.errors.contains("error[\(code)]"), "\(text): \(wrong.errors)")
      }
    }
  }

  @Test("memory does not grow with the length of a list") func memory() throws {
    try TestData.withFolder { folder in
      try copy("keras3/lstm_last.h5", to: "a.h5", in: folder)
      // ulimit -v bounds the address space: 4 000 kept reports with their lines would need more.
      let result = try Tool.shell(
        """
        for count in 200 4000; do
          yes a.h5 | head -n $count | python3 -c '
        import resource, subprocess, sys
        out = subprocess.run(["recur", "validate", "-", "-j", "2", "-q"], stdin=sys.stdin, capture_output=True)
        print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, out.stdout.decode().split()[0])
        '
        done
        """, in: folder)
      let figures = result.output.split(separator: "\n").map {
        $0.split(separator: " ").map(String.init)
      }
      guard figures.count == 2, let small = Int(figures[0][0]), let large = Int(figures[1][0])
      else {
        return  // no Python here
      }
      #expect(figures.map { $0[1] } == ["200", "4000"])
      #expect(large - small < 4_000, "\(figures)")
    }
  }

  @Test("the recipes of docs/fleet.md give the same results") func recipes() throws {
    let page = try String(
      contentsOf: TestData.root.appending(path: "docs/fleet.md"), encoding: .utf8)
    let recipes = page.split(separator: "\n").map(String.init)
      .filter { $0.hasPrefix("find models") && !$0.contains("--resume") }
    #expect(recipes.count == 3)
    try TestData.withFolder { folder in
      try models(in: folder)
      try FileManager.default.moveItem(
        at: folder.appending(path: "m"), to: folder.appending(path: "models"))
      for index in 0..<60 {
        try copy("keras3/lstm_last.h5", to: "models/more/\(index).h5", in: folder)
      }
      var sets: [Set<String>] = []
      let one = recipes.compactMap { recipe in
        recipe.contains("xargs") ? recipe.replacing("-n50", with: "-n1") : nil
      }
      for recipe in recipes + one {
        if recipe.contains("parallel"),
          try Tool.shell("command -v parallel", in: folder).status != 0
        {
          continue
        }
        _ = try Tool.shell(recipe, in: folder)
        let text = try String(
          contentsOf: folder.appending(path: "results.ndjson"), encoding: .utf8)
        let found = try results(text).map { line in
          "\(line["file"]?.string ?? "") \(line["verdict"]?.string ?? "") \(line["digest"]?.text ?? "")"
        }
        #expect(found.count == 65, "\(recipe)")
        sets.append(Set(found))
      }
      #expect(sets.count >= 3)
      #expect(Set(sets).count == 1)
      #expect(sets.first?.count == 65)
    }
  }
}
