namespace LoadBalancing.Client.Balancing.Views;

/// <summary>How a choice in a view ended.</summary>
internal enum ViewAnswer
{
    /// <summary>Somebody was chosen.</summary>
    Chosen,

    /// <summary>Nobody now, but there will be another view: somebody is still connecting, it is not known yet who is there, or this view is out of date. Wait for the next one.</summary>
    Later,

    /// <summary>All that could be chosen have as many attempts in flight as they take.</summary>
    Full,

    /// <summary>Nobody who is ready may be used.</summary>
    Nobody,
}
