using Postmaster.Fbl.Authentication;

namespace Postmaster.Tests.Authentication;

/// <summary>What the border's Received field says of the client, as mail servers in use write it.</summary>
public sealed class ReceivedLineTests
{
    [Theory]
    [InlineData("from mta3.esp.example (rdns.esp.example [192.0.2.7]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)) by mx.provider.example (Postfix) with ESMTPS id 4ABC; Fri, 2 Jan 2026 10:00:01 +0000", "mta3.esp.example", "TLSv1.3")] // Postfix
    [InlineData("from mta3.esp.example (rdns.esp.example [192.0.2.7]) by mx.provider.example (Postfix) with ESMTP id 4ABC; Fri, 2 Jan 2026 10:00:01 +0000", "mta3.esp.example", "")]
    [InlineData("from [192.0.2.7] (helo=mta3.esp.example) by mx.provider.example with esmtps (TLS1.2) tls TLS_ECDHE_RSA (Exim 4.98) id 1a; Fri, 2 Jan 2026 10:00:01 +0000", "mta3.esp.example", "TLSv1.2")] // Exim
    [InlineData("from mta3.esp.example (rdns.esp.example [192.0.2.7]) by mx.provider.example (8.18) with ESMTPS id x (version=TLSv1.2 cipher=X verify=NO); Fri, 2 Jan 2026 10:00:01 +0000", "mta3.esp.example", "TLSv1.2")] // sendmail
    [InlineData("from mta3.esp.example ([192.0.2.7]) by mx.provider.example with ESMTPS id x; Fri, 2 Jan 2026 10:00:01 +0000", "mta3.esp.example", "TLS")]
    [InlineData("from mta3.esp.example ([192.0.2.7]) by mx.provider.example id x; Fri, 2 Jan 2026 10:00:01 +0000", "mta3.esp.example", null)]
    [InlineData("from by (rdns.esp.example [192.0.2.7]) by mx.provider.example (Postfix) with ESMTP id x; Fri, 2 Jan 2026 10:00:01 +0000", "by", "")] // a client that greets as "by" hides nobody
    [InlineData("from from (rdns.esp.example [192.0.2.7]) by mx.provider.example (Postfix) with ESMTP id x; Fri, 2 Jan 2026 10:00:01 +0000", "from", "")]
    [InlineData("by mx.provider.example with LMTP id x; Fri, 2 Jan 2026 10:00:01 +0000", null, null)]
    public void Helo_and_TLS_are_read(string field, string? helo, string? tls)
    {
        var line = ReceivedLine.Parse(field);
        Assert.Equal(("mx.provider.example", helo, tls), (line.By, line.Helo, line.Tls));
    }
}
