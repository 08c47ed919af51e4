namespace Edge.Gateway.Front;

/// <summary>What becomes of a field line of a request.</summary>
internal enum FieldKind : byte
{
    /// <summary>It goes on as it is.</summary>
    GoesOn,

    /// <summary>As well, and the access log has it.</summary>
    UserAgent,

    /// <summary>As well, and the access log has it.</summary>
    Referer,

    /// <summary>As well; some of it may be the gateway's.</summary>
    Cookie,

    /// <summary>As well; it says whether a page of another site is behind the request.</summary>
    FetchSite,

    Host,

    /// <summary>It says what is so anyway.</summary>
    StaysBehind,

    /// <summary>It says that the connection ends with the answer (RFC 9112 section 9.6).</summary>
    Closes,

    /// <summary>It asks for something that takes the web server.</summary>
    OtherWay,
}
