namespace Edge.Dns.Resolver;

/// <summary>Walks over a block's answers that are in a chain; those that leave it meanwhile may be among them.</summary>
internal struct LiveAnswers(byte[] block, int used)
{
    private int _next;

    public CachedAnswer Current { get; private set; }

    public bool MoveNext()
    {
        while (_next < used)
        {
            Current = new CachedAnswer(block, _next);
            _next += Current.Length;
            if ((Current.Head.Bits & AnswerHead.Gone) == 0)
            {
                return true;
            }
        }

        return false;
    }
}
