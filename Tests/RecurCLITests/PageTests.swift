import Foundation
import RecurTestSupport
import Testing

@Suite("recur report writes a page")
struct PageTests {
  private let folder = URL(filePath: TestData.path("mistakes"))

  private func page(_ arguments: [String], status: Int32) throws -> String {
    try TestData.withFolder { scratch in
      let path = scratch.appending(path: "report.html").path(percentEncoded: false)
      let run = try Tool.run(["report"] + arguments + ["-o", path], in: folder)
      #expect(run.status == status, "\(run.output)\(run.errors)")
      return try String(contentsOfFile: path, encoding: .utf8)
    }
  }

  @Test("the page has the verdict and the fix first, every picture, and the numbers behind it")
  func content() throws {
    let html = try page(["lstm_order_iofc.h5", "--golden", "lstm.golden.npz"], status: 1)
    let titles = html.matches(of: /<h2>(.*?)<\/h2>/).map { String($0.1) }
    #expect(
      titles == [
        "Findings", "Diagnosis", "Comparison", "Outputs and differences", "Gates",
        "What the recording can and can't see", "Architecture", "Weights by gate", "Provenance",
      ])
    let verdict = try #require(html.firstRange(of: "class=\"verdict bad\""))
    let fix = try #require(html.firstRange(of: "recur diagnose lstm_order_iofc.h5"))
    let findings = try #require(html.firstRange(of: "<h2>Findings"))
    #expect(verdict.lowerBound < fix.lowerBound && fix.lowerBound < findings.lowerBound)
    // Four gates over time; a kernel, a recurrent kernel and a bias of four gates each.
    #expect(html.matches(of: /saturated<\/figcaption>/).count == 4)
    #expect(html.matches(of: /gate of 'rnn'<\/figcaption><svg/).count == 12)
    #expect(html.contains("first beyond it: 0"))
    #expect(html.contains("tolerance 3.1e-06"))
    #expect(html.matches(of: /<summary>the numbers/).count >= 7)
    // The digest of the file, as sha256sum says it.
    let sum = try Tool.shell("sha256sum lstm_order_iofc.h5", in: folder).output.prefix(64)
    #expect(html.contains(String(sum)))
  }

  @Test("the page needs no script and no network, and every picture has a name")
  func alone() throws {
    let html = try page(["lstm_order_iofc.h5", "--golden", "lstm.golden.npz"], status: 1)
    #expect(!html.contains("<script") && !html.contains("http") && !html.contains(" src="))
    #expect(html.contains("prefers-color-scheme:dark") && html.contains("@media print"))
    let pictures = html.matches(of: /<svg\s/).count
    #expect(pictures > 15)
    #expect(html.matches(of: /role="img" aria-label="[^"]+"/).count == pictures)
    #expect(html.matches(of: /<title>/).count == pictures + 1)
    #expect(html.utf8.count < 400_000)
  }

  @Test("elements are nested and closed") func nesting() throws {
    let html = try page(["lstm_order_iofc.h5", "--golden", "lstm.golden.npz"], status: 1)
    var open: [Substring] = []
    for tag in html.matches(of: /<(\/?)([a-zA-Z0-9]+)([^>]*)>/) {
      let (isEnd, name) = (tag.1 == "/", tag.2)
      if ["meta", "br"].contains(name) || tag.3.hasSuffix("/") { continue }
      if isEnd {
        #expect(open.popLast() == name)
      } else {
        open.append(name)
      }
    }
    #expect(open.isEmpty)
  }

  @Test("the same files give the same page, and names mean themselves") func determinism() throws {
    let arguments = ["lstm.h5", "--golden", "lstm.golden.npz"]
    #expect(try page(arguments, status: 0) == page(arguments, status: 0))
    try TestData.withFolder { scratch in
      let name = "a<b>&\"c.h5"
      try FileManager.default.copyItem(
        at: folder.appending(path: "lstm.h5"), to: scratch.appending(path: name))
      let run = try Tool.run(["report", name, "-o", "r.html"], in: scratch)
      #expect(run.status == 0)
      let html = try String(contentsOf: scratch.appending(path: "r.html"), encoding: .utf8)
      #expect(html.contains("<h1>a&lt;b&gt;&amp;&quot;c.h5</h1>") && !html.contains("<b>&"))
      #expect(try Tool.run(["report", name, "-o", "r.html"], in: scratch).status == 2)
    }
  }

  @Test("validate, diagnose, convert and compare write pages too") func commands() throws {
    try TestData.withFolder { scratch in
      for name in ["lstm.h5", "lstm_order_iofc.h5", "lstm.golden.npz"] {
        try FileManager.default.copyItem(
          at: folder.appending(path: name), to: scratch.appending(path: name))
      }
      for (arguments, part) in [
        (["validate", "lstm.h5", "--golden", "lstm.golden.npz"], "<h2>Gates"),
        (["validate", "lstm.h5"], "<h2>Weights by gate"),
        (["diagnose", "lstm_order_iofc.h5", "--golden", "lstm.golden.npz"], "<h2>Diagnosis"),
        (["convert", "lstm.h5", "lstm.keras"], "<h2>Architecture"),
        (["compare", "--weights", "lstm.h5", "lstm_order_iofc.h5"], "other training"),
        (["validate", "."], "recur validate"),
      ] {
        let run = try Tool.run(arguments + ["--report", "html=r.html"], in: scratch)
        #expect(run.status < 2, "\(run.errors)")
        let html = try String(contentsOf: scratch.appending(path: "r.html"), encoding: .utf8)
        #expect(html.hasPrefix("<!DOCTYPE html>") && html.contains(part), "\(arguments)")
      }
    }
  }

  @Test("the browser builds the page that was meant", .enabled(if: browserPath != nil))
  func browser() throws {
    let browser = try #require(browserPath)
    try TestData.withFolder { scratch in
      let path = scratch.appending(path: "r.html").path(percentEncoded: false)
      _ = try Tool.run(
        ["report", "lstm_order_iofc.h5", "--golden", "lstm.golden.npz", "-o", path], in: folder)
      let flags = "--headless=new --no-sandbox --disable-gpu --user-data-dir=profile --dump-dom"
      let dom = try Tool.shell("\(browser) \(flags) file://\(path) 2>/dev/null", in: scratch).output
      #expect(dom.matches(of: /<section>/).count == 9)
      #expect(dom.contains("<strong>FAIL"))
      #expect(dom.matches(of: /<svg\s/).count > 15)
    }
  }
}

/// The browser, where one is installed; the test that needs it is skipped otherwise.
private let browserPath: String? = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].first {
  FileManager.default.isExecutableFile(atPath: $0)
}
