namespace LoadBalancing.Client.Simulation.Reports;

/// <summary>The styles of the page; without the signs that XML escapes. Charts are as wide as the page; below the width of a small window, what stands beside them goes into a legend.</summary>
internal static class HtmlStyle
{
    public static string Text { get; } = """
        *{box-sizing:border-box}
        body{margin:0;background:var(--surface);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
        main{max-width:1080px;margin:0 auto;padding:24px 20px 64px}
        h1{font-size:30px;line-height:1.2;margin:0 0 4px}h2{font-size:21px;line-height:1.3;margin:56px 0 4px;padding-top:20px;border-top:1px solid var(--grid)}
        .lead{font-size:18px;margin:4px 0}.facts,figcaption,.note,caption,footer{color:var(--muted);font-size:14px}.facts{margin:4px 0 20px}
        .verdicts{padding:16px 20px 16px 36px;margin:0 0 20px;background:var(--panel);border-radius:8px}.verdicts li+li{margin-top:8px}
        a{color:inherit;text-underline-offset:3px}.notice{border-left:4px solid var(--warn);padding:4px 12px;background:var(--panel)}
        table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums}th,td{padding:6px 10px;text-align:right;border-bottom:1px solid var(--grid);vertical-align:top}
        th{font-weight:600;overflow-wrap:normal}td{white-space:nowrap}thead th{color:var(--muted);font-weight:500;vertical-align:bottom}th:first-child{text-align:left}
        .summary{width:100%;font-size:13px}.summary th,.summary td{padding:6px 7px}.summary th:first-child{padding-left:0;overflow-wrap:normal}.best small{display:block;font-size:11px;line-height:1;color:var(--muted)}
        .scroll{overflow:auto;max-height:480px;max-width:100%}.scroll.cards{max-height:none}caption{text-align:left;padding:12px 0 4px}figure{margin:8px 0 24px}figcaption{margin-bottom:16px;max-width:80ch}
        .plot{padding:0 100px 0 58px}.plot svg{display:block;overflow:visible}.backends .plot{padding-right:172px}
        .legend{display:none;list-style:none;margin:0 0 8px;padding:0;font-size:13px;flex-wrap:wrap;gap:4px 16px}.legend svg{vertical-align:middle;margin-right:6px}
        details{margin-top:8px}summary{cursor:pointer;color:var(--muted);font-size:14px;width:max-content}
        @media (max-width:759px){main{padding:16px 16px 48px}h1{font-size:25px}h2{margin-top:40px;font-size:19px}
        .plot,.backends .plot{padding:0 4px 0 52px}.legend{display:flex}svg .beside,svg .wide{display:none}svg .narrow{display:inline}.verdicts{padding:12px 14px 12px 28px}
        .cards table,.cards tbody,.cards tr,.cards th{display:block}.cards thead{display:none}.cards tr{display:grid;grid-template-columns:repeat(3,1fr);gap:8px 12px;padding:12px 0;border-bottom:1px solid var(--grid)}.cards .summary{font-size:14px}.cards .summary th,.cards .summary td{padding:0}
        .cards th{grid-column:1/-1;border:0;padding:0;font-size:16px}.cards td{display:block;border:0;padding:0;text-align:left}.cards td::before{content:attr(data-label);display:block;color:var(--muted);font-size:12px}}
        @media print{.verdicts,.notice{background:none;padding-left:20px}figure{break-inside:avoid}details{display:none}main{max-width:none;padding:0}.scroll{overflow:visible}.summary{font-size:11px}.summary th,.summary td{padding:4px}}
        """.ReplaceLineEndings("\n");
}
