const events = [
  {type: 'user.login', actor: {id: 'user_123'}},
  {type: 'file.upload', actor: {id: 'user_123'}},
  {type: 'document.view', actor: {id: 'user_456'}}
];
// Single request for multiple events
const response = await fetch('https://api.logproof.com/v1/events/batch', {
  method: 'POST',
  headers: {
    'Authorization': 'Bearer lp_test_...',
    'Content-Type': 'application/json'
  },
  body: JSON.stringify({events})
});
