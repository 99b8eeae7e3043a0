// Configure webhook instead of polling
await fetch('https://api.logproof.com/v1/webhooks', {
  method: 'POST',
  headers: {
    'Authorization': 'Bearer lp_test_...',
    'Content-Type': 'application/json'
  },
  body: JSON.stringify({
    url: 'https://your-app.com/webhooks/logproof',
    events: ['event.created', 'export.completed']
  })
});
