using System.Diagnostics;

namespace LoadBalancing.Client.Http.Tests.Storms;

/// <summary>So many requests a second, whatever becomes of those before.</summary>
internal sealed class OpenTraffic(HttpClient client, double ratePerSecond)
{
    /// <summary>Sends for so long, and waits for all answers.</summary>
    public async Task<IReadOnlyList<Answer>> RunAsync(TimeSpan duration)
    {
        List<Task<Answer>> answers = [];
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) is var elapsed && elapsed < duration)
        {
            while (answers.Count < elapsed.TotalSeconds * ratePerSecond)
            {
                answers.Add(Task.Run(() => SendAsync(started)));
            }

            await Task.Delay(1);
        }

        return await Task.WhenAll(answers);
    }

    private async Task<Answer> SendAsync(long start)
    {
        long sent = Stopwatch.GetTimestamp();
        bool isSuccess = false;
        try
        {
            using HttpResponseMessage response = await client.GetAsync("/");
            isSuccess = response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // A failure.
        }

        return new Answer(Stopwatch.GetElapsedTime(start, sent), Stopwatch.GetElapsedTime(sent), isSuccess);
    }
}
