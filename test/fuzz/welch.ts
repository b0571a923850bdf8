/** Mean and spread of one class of samples. */
function momentsOf(samples: readonly number[]): { mean: number; variance: number; count: number } {
  const mean = samples.reduce((sum, one) => sum + one, 0) / samples.length
  const variance = samples.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (samples.length - 1)
  return { mean, variance, count: samples.length }
}

/** Welch's t of two classes of samples; beyond ±4.5 they differ, as leakage is usually tested for. */
export function welch(early: readonly number[], late: readonly number[]): { t: number; difference: number } {
  const [a, b] = [momentsOf(early), momentsOf(late)]
  const spread = Math.sqrt(a.variance / a.count + b.variance / b.count)
  const difference = b.mean - a.mean
  return { t: spread === 0 ? 0 : difference / spread, difference }
}

/** Without the slow half: what interrupts a sample has nothing to do with the secret. */
export function crop(samples: readonly number[], share = 0.5): number[] {
  const sorted = Float64Array.from(samples).sort()
  return Array.from(sorted.subarray(0, Math.max(2, Math.floor(sorted.length * share))))
}

/** t of differences that should be zero on average. */
export function paired(differences: readonly number[]): number {
  const { mean, variance, count } = momentsOf(differences)
  return variance === 0 ? 0 : mean / Math.sqrt(variance / count)
}
