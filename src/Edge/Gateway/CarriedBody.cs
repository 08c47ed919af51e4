namespace Edge.Gateway;

/// <summary>A body in the place of another, which it ends with. How long it is shows when it has passed.</summary>
internal abstract class CarriedBody(HttpContent body) : HttpContent
{
    protected HttpContent Body => body;

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
        }

        base.Dispose(disposing);
    }
}
