/// The page's inline style, which the Content-Security-Policy allows by its hash.
enum PageStyle {
    /// `'sha256-…'` of ``css`` for the Content-Security-Policy. A test computes it from the served page and reports the new value
    /// after a change of the style.
    static let source = "'sha256-9/tKtK1W2lTnvhEZQPJwC1XJZAZwJegK5T7jxJUg+f4='"

    static let css: HTML = """

        :root {
          color-scheme: light dark;
          --page: #f4f5f7; --card: #fff; --text: #1b1f24; --faint: #59636e; --line: #dcdfe4; --link: #0b57d0;
          --good: #0b6b33; --good-back: #e2f4e8; --warning: #7a4b00; --warning-back: #fdefcf;
          --bad: #a40e26; --bad-back: #fde4e6; --muted: #4d5661; --muted-back: #e8eaee;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #111418; --card: #1a1e24; --text: #e8ebef; --faint: #a2acb8; --line: #313842; --link: #8ab8ff;
            --good: #84dca3; --good-back: #14321f; --warning: #f3c873; --warning-back: #3a2c0e;
            --bad: #ffa3a9; --bad-back: #481a1f; --muted: #bcc5d0; --muted-back: #2b323b;
          }
        }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; }
        body {
          margin: 0 auto; padding: 1.25rem 1rem 2rem; max-width: 62rem; background: var(--page); color: var(--text);
          font: 1rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
          font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
        }
        header { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 1rem; }
        h1 { margin: 0; font-size: 1.25rem; }
        h2 { margin: 0; font-size: 1.125rem; }
        p { margin: .5rem 0; }
        ul { margin: 0; padding: 0; list-style: none; }
        a { color: var(--link); }
        small, header p, footer, .note, dt, thead th, td::before { color: var(--faint); font-size: .8125rem; }
        header p, footer p { margin: 0; }
        .note { margin-bottom: 0; }
        code { font: .8125rem/1.45 ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
        bdi { max-width: 100%; }
        section, dl > div {
          background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem;
        }
        section { margin-top: 1rem; }
        .verdict { border-left: .375rem solid var(--good); }
        .verdict.warning { border-left-color: var(--warning); }
        .verdict.bad { border-left-color: var(--bad); }
        .verdict h2 { font-size: 1.375rem; line-height: 1.25; }
        .verdict.good h2 { color: var(--good); }
        .verdict.warning h2 { color: var(--warning); }
        .verdict.bad h2 { color: var(--bad); }
        .verdict p { margin: .25rem 0 0; }
        .verdict ul { margin-top: .5rem; border-top: 1px solid var(--line); padding-top: .25rem; }
        .verdict li { padding: .125rem 0; }
        dl { display: grid; grid-template-columns: repeat(4, 1fr); gap: .75rem; margin: 1rem 0 0; }
        dd { margin: 0; }
        dd strong, dd span { display: block; }
        dd strong { line-height: 1.35; }
        dd small { display: block; line-height: 1.35; }
        .head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 1rem; }
        form { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; }
        label { font-size: .8125rem; color: var(--faint); }
        input, button {
          font: inherit; color: inherit; background: var(--page); border: 1px solid var(--faint); border-radius: .375rem;
          padding: .25rem .625rem; min-height: 2.25rem;
        }
        input { min-width: 0; width: 12rem; flex: 1; }
        button { cursor: pointer; }
        .counts { display: flex; flex-wrap: wrap; gap: .375rem; margin: .75rem 0 .25rem; }
        b { display: inline-block; white-space: nowrap; border-radius: 1rem; padding: .0625rem .625rem; font-size: .8125rem; font-weight: 600; }
        b.good { color: var(--good); background: var(--good-back); }
        b.warning { color: var(--warning); background: var(--warning-back); }
        b.bad { color: var(--bad); background: var(--bad-back); }
        b.muted { color: var(--muted); background: var(--muted-back); }
        table { width: 100%; border-collapse: collapse; margin-top: .5rem; }
        th, td { text-align: left; vertical-align: top; padding: .5rem 1.25rem .5rem 0; font-weight: inherit; }
        tr > :last-child { padding-right: 0; }
        tbody tr { border-top: 1px solid var(--line); }
        tbody th { font-weight: 600; }
        tbody th small { margin-left: .5rem; font-weight: normal; }
        .buckets td:nth-child(n+3), .buckets thead th:nth-child(n+3) { text-align: right; white-space: nowrap; }
        .collectors td:nth-child(n+3), .collectors thead th:nth-child(n+3) { text-align: right; white-space: nowrap; }
        thead th { white-space: nowrap; }
        .why { margin-top: .125rem; font-weight: normal; font-size: .875rem; color: var(--faint); }
        nav { display: flex; flex-wrap: wrap; align-items: center; justify-content: center; gap: .5rem; margin-top: .75rem; }
        nav a { border: 1px solid var(--line); border-radius: .375rem; padding: .375rem .75rem; text-decoration: none; }
        nav a:not([href]) { color: var(--faint); opacity: .6; }
        nav span { padding: 0 .5rem; text-align: center; }
        nav small { display: block; }
        .links li { padding: .25rem 0; }
        footer { margin-top: 1rem; }
        :focus-visible { outline: .1875rem solid var(--link); outline-offset: .125rem; }
        @media (max-width: 44rem) {
          body { padding: .75rem .75rem 1.5rem; }
          section, dl > div { padding: .625rem .75rem; }
          dl { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .5rem; margin-top: .75rem; }
          section { margin-top: .75rem; }
          form { width: 100%; }
          label { width: 100%; }
          table, tbody { display: block; }
          thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
          tbody tr {
            position: relative; display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .25rem .75rem; padding: .5rem 0;
          }
          tbody th, tbody td { padding: 0; }
          tbody th { grid-column: 1 / -1; }
          .buckets th > div { padding-right: 7.5rem; }
          tbody th small { display: block; margin-left: 0; }
          tbody th + td { position: absolute; top: .5rem; right: 0; }
          .buckets td:nth-child(n+3), .collectors td:nth-child(n+3) { text-align: left; }
          nav span { order: -1; width: 100%; }
          td::before { content: attr(data-label); display: block; font-size: .75rem; white-space: normal; }
          td:not([data-label])::before { content: none; }
        }

        """
}
