/// The style of a report: light and dark as the reader's system is, and plain on paper.
enum ReportStyle {
  /// Sixteen colours from low to high that are told apart in grey and by every eye (viridis).
  static let scale = [
    "440154", "481a6c", "472f7d", "414487", "39568c", "31688e", "2a788e", "23888e", "1f988b",
    "22a884", "35b779", "54c568", "7ad151", "a5db36", "d2e21b", "fde725",
  ]

  static var css: String {
    let classes = scale.enumerated().map { ".v\($0.offset){fill:#\($0.element)}" }.joined()
    return sheet + classes
  }

  private static let light =
    "--Ink:#1b1f24;--Paper:#fff;--Soft:#f3f5f7;--Line:#d0d7de;--Muted:#57606a;"
    + "--Good:#1a7f37;--Bad:#b3261e;--Warn:#8a5a00;--A:#0550ae;--B:#bc4c00"
  private static let dark =
    "--Ink:#e6edf3;--Paper:#0d1117;--Soft:#161b22;--Line:#3d444d;--Muted:#9da7b3;"
    + "--Good:#56d364;--Bad:#ff8a80;--Warn:#e3b341;--A:#79c0ff;--B:#ffa657"

  private static let sheet = """
    :root{color-scheme:light dark;\(light)}
    @media (prefers-color-scheme:dark){:root{\(dark)}}
    *{box-sizing:border-box}
    body{margin:0 auto;max-width:64rem;padding:1rem;background:var(--Paper);color:var(--Ink);\
    font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
    h1{font-size:1.4rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--Line)}
    h3{font-size:1rem;margin:1.2rem 0 .4rem}
    code,pre{font:.9em ui-monospace,monospace}
    pre{background:var(--Soft);padding:.6rem;overflow-x:auto;white-space:pre-wrap}
    .verdict{border-left:.5rem solid var(--Good);background:var(--Soft);padding:.8rem 1rem}
    .verdict.bad{border-color:var(--Bad)}
    .verdict strong{color:var(--Good)}.verdict.bad strong{color:var(--Bad)}
    .error b{color:var(--Bad)}.warning b{color:var(--Warn)}
    article{border:1px solid var(--Line);border-radius:.4rem;padding:.6rem .8rem;margin:.6rem 0}
    article p{margin:.2rem 0}
    .scroll{overflow-x:auto}
    table{border-collapse:collapse;font-size:.9rem;min-width:20rem}
    th,td{overflow-wrap:normal;border:1px solid var(--Line);padding:.2rem .5rem;text-align:left;vertical-align:top}
    th{background:var(--Soft)}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
    .flow{display:flex;flex-wrap:wrap;gap:.4rem 1.4rem;list-style:none;padding:0}
    .flow li{border:1px solid var(--A);border-radius:.4rem;padding:.3rem .6rem;background:var(--Soft);\
    position:relative;font-size:.9rem}
    .flow li+li::before{content:"→";position:absolute;left:-1.2rem;color:var(--Muted)}
    .flow .opaque{border-style:dashed;border-color:var(--Warn)}
    .flow span{display:block;color:var(--Muted)}
    figure{margin:.8rem 0}figcaption{font-size:.9rem;color:var(--Muted)}
    svg{display:block;width:100%;max-width:44rem;height:auto}
    svg text{fill:var(--Muted);font:11px system-ui,sans-serif}
    .frame{fill:none;stroke:var(--Line)}.grid{stroke:var(--Line);stroke-width:.5}
    .a{stroke:var(--A)}.b{stroke:var(--B);stroke-dasharray:5 3}.a,.b{fill:none;stroke-width:1.5}
    .limit{stroke:var(--Good);stroke-dasharray:2 3}.cross{stroke:var(--Bad)}
    .bars{fill:var(--A)}
    .small{display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));gap:.4rem 1rem}
    .small figure{margin:0}
    .key::before{content:"";display:inline-block;width:1.2rem;border-top:2px solid var(--A);\
    margin:0 .3rem .25rem 0}.key.dashed::before{border-top:2px dashed var(--B)}
    @media print{:root{color-scheme:light;\(light)}body{max-width:none;font-size:.8rem;padding:0}\
    figure,article,tr{break-inside:avoid}h2{break-after:avoid}}

    """
}
