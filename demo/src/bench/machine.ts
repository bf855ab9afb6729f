/** What the browser says about itself and the machine. */
export function machineFacts(): [string, string][] {
  const { hardwareConcurrency, userAgent } = navigator;
  const { userAgentData, deviceMemory } = navigator as { userAgentData?: { platform: string; mobile: boolean }; deviceMemory?: number };
  return [
    ['engine', engineOf(userAgent)],
    ['platform', userAgentData ? `${userAgentData.platform}${userAgentData.mobile ? ', mobile' : ''}` : (/\(([^)]*)\)/.exec(userAgent)?.[1] ?? 'not told')],
    ['cores', hardwareConcurrency ? String(hardwareConcurrency) : 'not told'],
    ['memory', deviceMemory ? `${deviceMemory} GB or more` : 'not told'],
    ['processor', 'not told: browsers keep it to themselves'],
  ];
}

// Of the names in a user agent the last that is not Safari's is the browser; Safari itself says Version.
function engineOf(userAgent: string): string {
  const [, name, version] = /(Firefox|Edg|OPR|HeadlessChrome|Chrome)\/([\d.]+)/.exec(userAgent) ?? /(Version)\/([\d.]+).*Safari/.exec(userAgent) ?? [];
  if (name === undefined) return userAgent;
  return `${{ Version: 'Safari', Edg: 'Edge', OPR: 'Opera', HeadlessChrome: 'Chrome, headless' }[name] ?? name} ${version}`;
}
